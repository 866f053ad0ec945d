/** Over every page: what waits for an answer now, the one that ends first. The fastest way to say yes or no. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { Link, useLocation } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { ChallengeOutput, QuestionView } from '@/api/generated'
import { Clock, useSecondsUntil } from '@/components/countdown'
import { Due } from '@/components/due'
import { Money } from '@/components/money'
import { Declined } from '@/components/step-up'
import { useTellProblem } from '@/lib/problem-text'
import { merchantName } from '@/lib/words'

import { challengesQuery, questionsQuery, useAnswerChallenge, useAnswerQuestion } from './answering'
import styles from './approvals.module.css'

const LONG_SECONDS = 3_600

export default function WaitingForYou(): ReactNode {
  const t = useTranslations('answers')
  const { pathname } = useLocation()
  const challenges = useQuery(challengesQuery).data?.filter(isOpen) ?? []
  const questions = useQuery(questionsQuery).data?.filter(({ can_answer }) => can_answer) ?? []
  const first = challenges.toSorted((one, other) => one.expires_at.localeCompare(other.expires_at))[0]
  const others = challenges.length + questions.length - 1
  if (pathname === '/approvals' || others < 0) {
    return null
  }
  return (
    <aside className={styles['banner']} data-over-the-page aria-label={t('waiting')}>
      <div role="alert" className={styles['bannerRoom']}>
        {first ? <Purchase key={first.id} challenge={first} /> : questions[0] && <Question key={questions[0].id} question={questions[0]} />}
      </div>
      {others > 0 && (
        <Link to="/approvals" className={styles['others']}>
          {t('others', { count: others })}
        </Link>
      )}
    </aside>
  )
}

export function isOpen(challenge: ChallengeOutput): boolean {
  return challenge.state === 'pending' && challenge.decision === null && new Date(challenge.expires_at) > new Date()
}

export function Purchase({ challenge, full = false }: { challenge: ChallengeOutput; full?: boolean }): ReactNode {
  const t = useTranslations('answers')
  const tell = useTellProblem()
  const left = useSecondsUntil(challenge.expires_at)
  const say = useAnswerChallenge(challenge, {
    succeeded: (said) => notifications.show({ message: t(`said.${said}`) }),
    failed: (error) => error instanceof Declined || tell(error),
  })
  const choose = (said: 'approve' | 'refuse' | 'report') => say.mutate(said)
  if (left === 0) {
    return <p className={styles['ended']}>{t('ended')}</p>
  }
  return (
    <>
      <p className={styles['asked']}>
        <span>{t('purchase')}</span>
        <Clock seconds={left} />
      </p>
      <p className={styles['what']}>
        <strong>
          <Money amount={challenge.amount} currency={challenge.currency} />
        </strong>
        <bdi>{merchantName(challenge.merchant.name)}</bdi>
        <small>
          <bdi>{challenge.card.label}</bdi> <bdi dir="ltr">•• {challenge.card.last4}</bdi>
        </small>
      </p>
      <div className={styles['deeds']}>
        <Button size="sm" loading={say.isPending && say.variables === 'approve'} onClick={() => choose('approve')}>
          {t('approve')}
        </Button>
        <Button
          size="sm"
          variant="default"
          loading={say.isPending && say.variables === 'refuse'}
          onClick={() => choose('refuse')}
        >
          {t('refuse')}
        </Button>
        {full && (
          <Button
            size="sm"
            variant="light"
            color="red"
            loading={say.isPending && say.variables === 'report'}
            onClick={() => choose('report')}
          >
            {t('report')}
          </Button>
        )}
      </div>
    </>
  )
}

export function Question({ question }: { question: QuestionView }): ReactNode {
  const t = useTranslations('answers')
  const tell = useTellProblem()
  const say = useAnswerQuestion(question, {
    succeeded: (said) => notifications.show({ message: t(`told.${said}`) }),
    failed: (error) => error instanceof Declined || tell(error),
  })
  const choose = (said: 'yes' | 'no') => say.mutate(said)
  return (
    <>
      <p className={styles['asked']}>
        <span>{t('question')}</span>
        {question.answer_by && <Until instant={question.answer_by} />}
      </p>
      <p className={styles['what']}>
        <strong>
          <Money amount={question.amount} currency={question.currency} />
        </strong>
        <Link to="/payments/$paymentId" params={{ paymentId: question.payment_id }} className={styles['link']}>
          <bdi>{merchantName(question.merchant_name)}</bdi>
        </Link>
        <small>
          <bdi dir="ltr">•• {question.last4}</bdi>
        </small>
      </p>
      <div className={styles['deeds']}>
        <Button size="sm" variant="default" loading={say.isPending && say.variables === 'yes'} onClick={() => choose('yes')}>
          {t('yes')}
        </Button>
        <Button
          size="sm"
          variant="light"
          color="red"
          loading={say.isPending && say.variables === 'no'}
          onClick={() => choose('no')}
        >
          {t('no')}
        </Button>
      </div>
    </>
  )
}

/** Minutes tick; days do not. */
function Until({ instant }: { instant: string }): ReactNode {
  const seconds = useSecondsUntil(instant)
  return seconds > LONG_SECONDS ? <Due at={instant} /> : <Clock seconds={seconds} />
}
