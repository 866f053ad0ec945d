import { Button, Skeleton, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { disputeQuery, disputesQuery } from '@/api/disputes'
import type { CardwrightDisputesSchemasCaseView as CaseView } from '@/api/generated'
import { withdrawDispute } from '@/api/generated'
import { once } from '@/api/intents'
import { Confirm } from '@/components/confirm'
import { BigMoney } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { formatDay, formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { formatMoney } from '@/lib/money'
import { useTellProblem } from '@/lib/problem-text'
import { merchantName } from '@/lib/words'

import styles from './disputes.module.css'
import { Evidence } from './evidence'
import { DisputeState } from './state'
import { Tell } from './tell'

export function DisputePage(): ReactNode {
  const { disputeId } = useParams({ from: '/holder/disputes/$disputeId' })
  const t = useTranslations('disputes')
  const { data: dispute, error, refetch } = useQuery(disputeQuery(disputeId))
  const back = { to: '/disputes', label: t('title') } as const
  if (!dispute) {
    return (
      <Page title={t('one')} heading={error ? t('one') : <Skeleton h={30} w={220} />} back={back}>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Skeleton h={240} radius="lg" />}
      </Page>
    )
  }
  const isDraft = dispute.state === 'draft'
  return (
    <Page title={merchantName(dispute.merchant_name)} back={back}>
      <div className={styles['two']}>
        <div className={styles['column']}>
          <Standing dispute={dispute} />
          {isDraft && <Tell dispute={dispute} />}
          <Evidence dispute={dispute} />
        </div>
        <div className={styles['column']}>
          <Timeline dispute={dispute} />
          {!isDraft && <Told dispute={dispute} />}
          <Withdrawing dispute={dispute} />
        </div>
      </div>
    </Page>
  )
}

function Standing({ dispute }: { dispute: CaseView }): ReactNode {
  const t = useTranslations('disputes')
  const { formats } = useLanguage()
  const credited = formatMoney(dispute.credited, dispute.currency, formats)
  return (
    <Panel>
      <div className={styles['standing']} data-testid="dispute" data-state={dispute.state} aria-live="polite">
        <DisputeState state={dispute.state} />
        <BigMoney amount={dispute.amount} currency={dispute.currency} />
        <p className={styles['next']}>{t(`next.${dispute.state}`)}</p>
        {dispute.state === 'draft' && (
          <Text c="dimmed">{t('submitBy', { day: formatDay(dispute.submit_by, formats) })}</Text>
        )}
        {dispute.refusal && <p className={styles['notice']}>{t('refused')}</p>}
        {dispute.credited > 0 && <Text c="dimmed">{t('credited', { amount: credited })}</Text>}
        {dispute.loss_reason && <p className={styles['notice']}>{t(`losses.${dispute.loss_reason}`)}</p>}
        <Link to="/payments/$paymentId" params={{ paymentId: dispute.payment_id }} className={styles['link']}>
          {t('seePayment')}
        </Link>
      </div>
    </Panel>
  )
}

const KNOWN_STEPS = new Set([
  'opened', 'submitted', 'filed', 'credited', 'credit_reversed', 'returned', 'withdrawn', 'won', 'lost', 'expired',
])
type KnownStep = 'opened' | 'submitted' | 'filed' | 'credited' | 'credit_reversed' | 'returned' | 'withdrawn' | 'won' | 'lost' | 'expired'
type KnownActor = 'holder' | 'staff' | 'network' | 'system'

function Timeline({ dispute }: { dispute: CaseView }): ReactNode {
  const t = useTranslations('disputes')
  const { formats } = useLanguage()
  return (
    <Panel title={t('timeline')}>
      <ol className={styles['timeline']}>
        {dispute.timeline.map((step) => (
          <li key={`${step.kind}-${step.at}`}>
            <span>{KNOWN_STEPS.has(step.kind) ? t(`steps.${step.kind as KnownStep}`) : step.kind}</span>
            <small>
              {formatMoment(step.at, formats)} · {t(`actors.${step.actor as KnownActor}`)}
              {step.amount !== null && ` · ${formatMoney(step.amount, dispute.currency, formats)}`}
            </small>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function Told({ dispute }: { dispute: CaseView }): ReactNode {
  const t = useTranslations('disputes')
  return (
    <Panel title={t('told')}>
      <p className={styles['reason']}>{t(`reasons.${dispute.reason}`)}</p>
      {dispute.statement.explanation && (
        <p className={styles['words']} dir="auto">
          {dispute.statement.explanation}
        </p>
      )}
    </Panel>
  )
}

function Withdrawing({ dispute }: { dispute: CaseView }): ReactNode {
  const t = useTranslations('disputes')
  const client = useQueryClient()
  const tell = useTellProblem()
  const [asking, setAsking] = useState(false)
  const withdraw = useMutation({
    mutationFn: () => answer(withdrawDispute({ path: { dispute_id: dispute.id }, body: {}, headers: once() })),
    onSuccess: (changed) => {
      client.setQueryData(disputeQuery(dispute.id).queryKey, changed)
      void client.invalidateQueries({ queryKey: disputesQuery.queryKey, exact: true })
      notifications.show({ message: t('withdrawn') })
      setAsking(false)
    },
    onError: tell,
  })
  if (dispute.state !== 'draft' && dispute.state !== 'submitted') {
    return null
  }
  return (
    <>
      <Button variant="subtle" color="red" className={styles['withdraw'] ?? ''} onClick={() => setAsking(true)}>
        {t('withdraw')}
      </Button>
      <Confirm
        opened={asking}
        close={() => setAsking(false)}
        title={t('withdrawTitle')}
        text={t('withdrawText')}
        keep={t('keep')}
        go={t('withdraw')}
        isPending={withdraw.isPending}
        onGo={() => withdraw.mutate()}
      />
    </>
  )
}
