import { Button, Skeleton, Text } from '@mantine/core'
import {
  IconArrowBackUp,
  IconBuildingStore,
  IconBulb,
  IconCheck,
  IconClockPause,
  IconCoin,
  IconReceiptRefund,
  IconX,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import type { ElementKind, ElementView, PaymentTimeline } from '@/api/generated'
import { paymentQuery } from '@/api/queries'
import { MerchantMark } from '@/components/merchant-mark'
import { BigMoney, Money } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { StatusBadge } from '@/components/status-badge'
import { formatDay, formatMoment, formatTime } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { explained } from '@/lib/told'
import { placeName, wordOf } from '@/lib/words'

import styles from './activity.module.css'
import { Note, Receipts } from './notes'
import { Trouble, WhatToDo } from './remedies'

type Decision = NonNullable<ElementView['decision']>

const ICONS: Record<ElementKind, ReactNode> = {
  authorization: <IconBuildingStore size={16} />,
  increment: <IconBuildingStore size={16} />,
  reversal: <IconArrowBackUp size={16} />,
  expiry: <IconClockPause size={16} />,
  clearing: <IconCoin size={16} />,
  force_post: <IconCoin size={16} />,
  refund: <IconReceiptRefund size={16} />,
}
const MICROSECONDS = 1_000

export function PaymentPage(): ReactNode {
  const { paymentId } = useParams({ from: '/holder/payments/$paymentId' })
  const t = useTranslations('payment')
  const activity = useTranslations('activity')
  const { data: payment, error, refetch } = useQuery(paymentQuery(paymentId))
  const back = { to: '/activity', label: activity('title') } as const
  if (!payment) {
    return (
      <Page title={t('title')} heading={error ? t('title') : <Skeleton h={30} w={220} />} back={back}>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Skeleton h={140} radius="lg" />}
      </Page>
    )
  }
  const decision = decisiveOf(payment)
  return (
    <Page title={payment.merchant.name} back={back}>
      <div className={styles['two']}>
        <div className={styles['column']}>
          <Sum payment={payment} />
          {decision && <Why payment={payment} decision={decision} />}
          <Timeline payment={payment} />
        </div>
        <div className={styles['column']}>
          <Details payment={payment} />
          <Trouble payment={payment} />
          <Note paymentId={payment.id} />
          <Receipts paymentId={payment.id} />
        </div>
      </div>
    </Page>
  )
}

/** The decision to explain: the one that declined, else the first. */
function decisiveOf(payment: PaymentTimeline): Decision | undefined {
  const decided = payment.elements.filter((element) => element.decision !== null)
  const found = decided.findLast((element) => !element.approved) ?? decided[0]
  return found?.decision ?? undefined
}

function Sum({ payment }: { payment: PaymentTimeline }): ReactNode {
  const t = useTranslations('payment')
  const { formats } = useLanguage()
  const cameToNothing = ['declined', 'voided'].includes(payment.status)
  return (
    <Panel>
      <div className={styles['hero']}>
        <MerchantMark merchant={payment.merchant} size={60} />
        <div className={styles['heroWords']}>
          <span data-came-to-nothing={cameToNothing || undefined}>
            <BigMoney amount={payment.amount} currency={payment.currency} />
          </span>
          <span>
            {formatDay(payment.opened_at, formats)}, {formatTime(payment.opened_at, formats)}
            {payment.status === 'declined' && ` · ${t('notCharged')}`}
          </span>
        </div>
        <StatusBadge status={payment.status} />
      </div>
    </Panel>
  )
}

/** Why it was decided so, first the reason in plain words and what would let it pass, then every check. */
function Why({ payment, decision }: { payment: PaymentTimeline; decision: Decision }): ReactNode {
  const isDeclined = payment.status === 'declined'
  const t = useTranslations('payment')
  const [isOpen, setIsOpen] = useState(false)
  const refused = decision.checks.filter((check) => !check.passed)
  // The processor repeats what our own limits refuse: that is told once, in plain words.
  const failed = refused.length > 1 ? refused.filter(({ name }) => name !== 'network') : refused
  const passed = decision.checks.length - refused.length
  const ms = Math.round(Object.values(decision.stages_us).reduce((sum, us) => sum + us, 0) / MICROSECONDS)
  return (
    <Panel title={t(isDeclined ? 'why' : 'whyApproved')} className={isDeclined ? styles['why'] : undefined}>
      {failed.map((check) => (
        <div key={check.name} className={styles['failed']}>
          <p className={styles['reason']}>
            <bdi>{explained(check.explanation)}</bdi>
          </p>
          {check.would_pass && (
            <div className={styles['pass']}>
              <IconBulb size={20} aria-hidden />
              <span>
                <strong>{t('wouldPass')}</strong>
                <bdi>{explained(check.would_pass)}</bdi>
              </span>
            </div>
          )}
        </div>
      ))}
      {isDeclined && <WhatToDo payment={payment} reason={decision.reason_code} />}
      <p className={styles['small']} style={failed.length === 0 ? { marginBlockStart: 0 } : undefined}>
        {t('checksPassed', { count: passed })} · {t('decidedIn', { ms })}
      </p>
      <Button variant="subtle" size="compact-sm" mt="xs" ms={-8} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        {t(isOpen ? 'hideChecks' : 'showChecks')}
      </Button>
      {isOpen && (
        <ul className={styles['checks']}>
          {decision.checks.map((check) => (
            <li key={check.name} data-failed={!check.passed || undefined}>
              {check.passed ? <IconCheck size={16} aria-hidden /> : <IconX size={16} aria-hidden />}
              <bdi>{explained(check.explanation)}</bdi>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Timeline({ payment }: { payment: PaymentTimeline }): ReactNode {
  const t = useTranslations('payment')
  const { formats } = useLanguage()
  return (
    <Panel title={t('timeline')}>
      <ol className={styles['timeline']}>
        {payment.elements.map((element) => (
          <li key={element.sequence} data-declined={!element.approved || undefined}>
            <span className={styles['dot']} aria-hidden>
              {element.approved ? ICONS[element.kind] : <IconX size={16} />}
            </span>
            <span className={styles['what']}>
              {t(`kinds.${element.kind}`)}
              <small>
                {formatMoment(element.occurred_at, formats)}
                {element.decision !== null && ` · ${t(element.approved ? 'approved' : 'declined')}`}
              </small>
            </span>
            <span className={styles['sum']}>
              <Money
                amount={element.amount}
                currency={payment.currency}
                signed={element.kind === 'refund'}
              />
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function Details({ payment }: { payment: PaymentTimeline }): ReactNode {
  const t = useTranslations('payment')
  const channels = useTranslations('common.channels')
  const { merchant } = payment
  const { locale } = useLanguage()
  return (
    <Panel title={t('details')}>
      <dl className={styles['facts']}>
        {payment.held > 0 && (
          <>
            <dt>{t('heldNow')}</dt>
            <dd>
              <Money amount={payment.held} currency={payment.currency} />
            </dd>
          </>
        )}
        <dt>{t('cost')}</dt>
        <dd>
          <Money amount={payment.posted} currency={payment.currency} />
        </dd>
        <dt>{t('card')}</dt>
        <dd>
          <Link to="/cards/$cardId" params={{ cardId: payment.card_id }}>
            <bdi dir="ltr">•••• {payment.last4}</bdi>
          </Link>
        </dd>
        <dt>{t('category')}</dt>
        <dd>{merchant.category}</dd>
        <dt>{t('place')}</dt>
        <dd>{placeName(merchant.city, merchant.country, locale)}</dd>
        <dt>{t('channel')}</dt>
        <dd>{wordOf(channels, payment.channel)}</dd>
        <dt>{t('onStatement')}</dt>
        <dd>
          <Text component="bdi" ff="monospace" size="sm">
            {merchant.descriptor}
          </Text>
        </dd>
      </dl>
    </Panel>
  )
}
