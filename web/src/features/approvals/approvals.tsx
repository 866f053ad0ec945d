import { Button, Text } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import {
  acceptApproverInvitation,
  type ChallengeOutput,
  declineApproverInvitation,
  type InvitationOutput,
  type QuestionView,
} from '@/api/generated'
import { Money } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { EmptyState, ErrorState, ListSkeleton } from '@/components/states'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'
import { merchantName } from '@/lib/words'

import { challengesQuery, invitationsQuery, questionsQuery } from './answering'
import styles from './approvals.module.css'
import { isOpen, Purchase, Question } from './waiting-for-you'

export function Approvals(): ReactNode {
  const t = useTranslations('answers')
  const challenges = useQuery(challengesQuery)
  const questions = useQuery(questionsQuery)
  const invitations = useQuery(invitationsQuery).data?.filter(({ state }) => state === 'invited') ?? []
  const error = (!challenges.data && challenges.error) || (!questions.data && questions.error)
  const isPending = challenges.isPending || questions.isPending
  const waiting = challenges.data?.filter(isOpen) ?? []
  const asked = questions.data?.filter(({ can_answer }) => can_answer) ?? []
  const isNothing = waiting.length + asked.length + invitations.length === 0
  const past = [
    ...(challenges.data ?? []).filter((challenge) => !isOpen(challenge)).map((challenge) => ofChallenge(challenge)),
    ...(questions.data ?? []).filter(({ can_answer }) => !can_answer).map((question) => ofQuestion(question)),
  ].toSorted((one, other) => other.at.localeCompare(one.at))
  return (
    <Page title={t('title')} narrow>
      <Panel title={t('waiting')} flush>
        {error && (
          <ErrorState error={error} retry={() => void Promise.all([challenges.refetch(), questions.refetch()])} />
        )}
        {isPending && !error && <ListSkeleton rows={2} />}
        {!isPending && !error && isNothing && (
          <EmptyState icon={<IconShieldCheck size={28} />} title={t('emptyTitle')} text={t('emptyText')} />
        )}
        <ul className={styles['list']} aria-live="polite">
          {waiting.map((challenge) => (
            <li key={challenge.id} className={styles['item']}>
              <Purchase challenge={challenge} full />
            </li>
          ))}
          {asked.map((question) => (
            <li key={question.id} className={styles['item']}>
              <Question question={question} />
            </li>
          ))}
          {invitations.map((invitation) => (
            <li key={invitation.id} className={styles['item']}>
              <Invitation invitation={invitation} />
            </li>
          ))}
        </ul>
      </Panel>
      {past.length > 0 && (
        <Panel title={t('past')} flush>
          <ul className={styles['list']}>
            {past.map((one) => (
              <Past key={one.id} one={one} />
            ))}
          </ul>
        </Panel>
      )}
    </Page>
  )
}

interface PastOne {
  id: string
  amount: number
  currency: string
  merchant: string
  at: string
  state: 'approved' | 'refused' | 'reported' | 'expired' | 'canceled' | 'yes' | 'no' | 'unanswered'
}
const TONES: Partial<Record<PastOne['state'], string>> = { approved: 'good', yes: 'good', reported: 'bad', no: 'bad' }

function ofChallenge(challenge: ChallengeOutput): PastOne {
  const { id, amount, currency, merchant, decided_at, created_at, is_fraud_reported, decision, state } = challenge
  const ended = state === 'canceled' ? 'canceled' : 'expired'
  return {
    id,
    amount,
    currency,
    merchant: merchant.name,
    at: decided_at ?? created_at,
    state: is_fraud_reported ? 'reported' : (decision ?? ended),
  }
}

function ofQuestion(question: QuestionView): PastOne {
  const { id, amount, currency, merchant_name, answered_at, asked_at, answer: said } = question
  return { id, amount, currency, merchant: merchantName(merchant_name), at: answered_at ?? asked_at ?? '', state: said ?? 'unanswered' }
}

function Past({ one }: { one: PastOne }): ReactNode {
  const t = useTranslations('answers')
  const { formats } = useLanguage()
  return (
    <li className={styles['past']}>
      <span className={styles['what']}>
        <strong>
          <Money amount={one.amount} currency={one.currency} />
        </strong>
        <bdi>{one.merchant}</bdi>
        {one.at !== '' && <small>{formatMoment(one.at, formats)}</small>}
      </span>
      <span className={styles['state']} data-tone={TONES[one.state]}>
        {t(`states.${one.state}`)}
      </span>
    </li>
  )
}

/** Somebody asks to have their purchases approved by this person too. */
function Invitation({ invitation }: { invitation: InvitationOutput }): ReactNode {
  const t = useTranslations('answers')
  const client = useQueryClient()
  const tell = useTellProblem()
  const say = useMutation({
    mutationFn: (accept: boolean) =>
      answer((accept ? acceptApproverInvitation : declineApproverInvitation)({ path: { invitation_id: invitation.id } })),
    onSuccess: () => client.invalidateQueries({ queryKey: invitationsQuery.queryKey }),
    onError: tell,
  })
  return (
    <>
      <p className={styles['asked']}>{t('invitation')}</p>
      <Text c="dimmed">
        {t('invitationText', { label: invitation.card.label, last4: invitation.card.last4 ?? '••••' })}
      </Text>
      <div className={styles['deeds']}>
        <Button size="sm" loading={say.isPending && say.variables} onClick={() => say.mutate(true)}>
          {t('accept')}
        </Button>
        <Button size="sm" variant="default" loading={say.isPending && !say.variables} onClick={() => say.mutate(false)}>
          {t('decline')}
        </Button>
      </div>
    </>
  )
}
