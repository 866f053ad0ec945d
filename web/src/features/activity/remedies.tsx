/** What one can do about a payment: let it pass the next time, or say that it is wrong. */
import { Button, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconClockCheck, IconScale } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { disputesQuery } from '@/api/disputes'
import { ALLOWED_MINUTES, allowForNow } from '@/api/exceptions'
import { type PaymentTimeline, reportFraud, unfreezeCard } from '@/api/generated'
import { once } from '@/api/intents'
import { cardQuery } from '@/api/queries'
import { ButtonLink } from '@/components/button-link'
import { Confirm } from '@/components/confirm'
import { Panel } from '@/components/page'
import { Declined, useStepUp } from '@/components/step-up'
import { useTellProblem } from '@/lib/problem-text'

import styles from './activity.module.css'

type Remedy = 'allow' | 'unfreeze' | 'limits' | 'money' | 'identity' | 'approvals' | 'newCard'

const REMEDIES: Record<string, Remedy> = {
  merchant_locked: 'allow',
  merchant_not_allowed: 'allow',
  category_not_allowed: 'allow',
  country_not_allowed: 'allow',
  channel_not_allowed: 'allow',
  hour_not_allowed: 'allow',
  card_frozen: 'unfreeze',
  limit_exceeded: 'limits',
  count_exceeded: 'limits',
  funds_insufficient: 'money',
  kyc_required: 'identity',
  rule_declined: 'approvals',
  score_too_high: 'approvals',
  challenge_required: 'approvals',
  uses_exhausted: 'newCard',
  amount_not_exact: 'newCard',
  card_canceled: 'newCard',
  card_no_longer_valid: 'newCard',
}

/** The one thing that lets the same purchase pass when it is tried again. */
export function WhatToDo({ payment, reason }: { payment: PaymentTimeline; reason: string | null }): ReactNode {
  const t = useTranslations('payment.remedies')
  const remedy = reason === null ? undefined : REMEDIES[reason]
  switch (remedy) {
    case undefined:
      return null
    case 'allow':
      return <Allow payment={payment} />
    case 'unfreeze':
      return <Unfreeze cardId={payment.card_id} />
    case 'limits':
      return (
        <ButtonLink to="/cards/$cardId" params={{ cardId: payment.card_id }} size="sm" mt="md">
          {t('limits')}
        </ButtonLink>
      )
    default: {
      const to = ({ money: '/top-up', identity: '/identity', approvals: '/approvals', newCard: '/cards/new' } as const)[remedy]
      return (
        <ButtonLink to={to} size="sm" mt="md">
          {t(remedy)}
        </ButtonLink>
      )
    }
  }
}

function Allow({ payment }: { payment: PaymentTimeline }): ReactNode {
  const t = useTranslations('payment.remedies')
  const client = useQueryClient()
  const guarded = useStepUp()
  const tell = useTellProblem()
  const merchant = payment.merchant.name
  const allow = useMutation({
    mutationFn: () => guarded(() => allowForNow(payment.card_id, payment.merchant.id)),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['cards'] })
      notifications.show({ message: t('allowed', { merchant, minutes: ALLOWED_MINUTES }) })
    },
    onError: (error) => {
      if (!(error instanceof Declined)) {
        tell(error)
      }
    },
  })
  return (
    <Button
      size="sm"
      mt="md"
      leftSection={<IconClockCheck size={18} />}
      loading={allow.isPending}
      disabled={allow.isSuccess}
      onClick={() => allow.mutate()}
    >
      {t('allow', { minutes: ALLOWED_MINUTES })}
    </Button>
  )
}

function Unfreeze({ cardId }: { cardId: string }): ReactNode {
  const t = useTranslations('payment.remedies')
  const client = useQueryClient()
  const tell = useTellProblem()
  const { data: card } = useQuery(cardQuery(cardId))
  const unfreeze = useMutation({
    mutationFn: () => answer(unfreezeCard({ path: { card_id: cardId } })),
    onSuccess: (changed) => {
      client.setQueryData(cardQuery(cardId).queryKey, changed)
      void client.invalidateQueries({ queryKey: ['cards'] })
      notifications.show({ message: t('unfrozen') })
    },
    onError: tell,
  })
  if (card?.state !== 'frozen') {
    return null
  }
  return (
    <Button size="sm" mt="md" loading={unfreeze.isPending} onClick={() => unfreeze.mutate()}>
      {t('unfreeze')}
    </Button>
  )
}

/** Where one says that a payment is wrong: by a dispute of what was charged, or at once where it is not one's own. */
export function Trouble({ payment }: { payment: PaymentTimeline }): ReactNode {
  const t = useTranslations('payment.trouble')
  const disputes = useQuery(disputesQuery).data?.filter(({ payment_id }) => payment_id === payment.id) ?? []
  const isOpen = disputes.some(({ state }) => state === 'draft' || state === 'submitted')
  const canDispute = payment.posted > 0 && !isOpen
  const canReport = payment.status === 'pending' || payment.status === 'declined'
  if (disputes.length === 0 && !canDispute && !canReport) {
    return null
  }
  return (
    <Panel title={t('title')}>
      {disputes.map((dispute) => (
        <Link
          key={dispute.id}
          to="/disputes/$disputeId"
          params={{ disputeId: dispute.id }}
          className={styles['disputed']}
        >
          <IconScale size={18} aria-hidden />
          {t(`states.${dispute.state}`)}
        </Link>
      ))}
      {canDispute && (
        <>
          <Text c="dimmed" size="sm" mb="md">
            {t('disputeText')}
          </Text>
          <ButtonLink to="/payments/$paymentId/dispute" params={{ paymentId: payment.id }} variant="default" size="sm">
            {t('dispute')}
          </ButtonLink>
        </>
      )}
      {canReport && <Report payment={payment} />}
    </Panel>
  )
}

function Report({ payment }: { payment: PaymentTimeline }): ReactNode {
  const t = useTranslations('payment.trouble')
  const client = useQueryClient()
  const tell = useTellProblem()
  const [asking, setAsking] = useState(false)
  const report = useMutation({
    mutationFn: () => answer(reportFraud({ path: { payment_id: payment.id }, headers: once() })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['cards'] })
      void client.invalidateQueries({ queryKey: ['questions'] })
      notifications.show({ message: t('reported') })
      setAsking(false)
    },
    onError: tell,
  })
  return (
    <>
      <Text c="dimmed" size="sm" mb="md">
        {t('reportText')}
      </Text>
      <Button variant="light" color="red" size="sm" disabled={report.isSuccess} onClick={() => setAsking(true)}>
        {t('report')}
      </Button>
      <Confirm
        opened={asking}
        close={() => setAsking(false)}
        title={t('reportTitle')}
        text={t('reportConfirm')}
        keep={t('reportKeep')}
        go={t('report')}
        isPending={report.isPending}
        onGo={() => report.mutate()}
      />
    </>
  )
}
