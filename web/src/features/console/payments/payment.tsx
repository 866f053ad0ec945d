/** A payment as staff see it: everything that happened, each decision with its checks and numbers, its postings. */
import { Button, Skeleton } from '@mantine/core'
import { IconCircleCheck, IconCircleX, IconRefresh } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import {
  type CardwrightPaymentsDecisionViewsCheckView as CheckView,
  type ElementView,
  getPayment,
  type PaymentTimeline,
  replayPayment,
  type StaffDecisionView,
} from '@/api/generated'
import { useMay } from '@/api/may'
import { Allowed } from '@/components/allowed'
import { CopyId } from '@/components/copy-id'
import { DetailList } from '@/components/detail-list'
import { Meter } from '@/components/meter'
import { Money } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { explained } from '@/lib/told'
import { placeName, readable, wordOf } from '@/lib/words'

import { STATUS_TONES } from './payments'
import styles from './payments.module.css'
import { PaymentPostings } from './postings'

export function PaymentPage(): ReactNode {
  const t = useTranslations('operations')
  const may = useMay()
  const { paymentId } = useParams({ from: '/console/payments/$paymentId' })
  const { data, error, refetch } = useQuery({
    queryKey: ['payment', paymentId],
    queryFn: () => answer(getPayment({ path: { payment_id: paymentId } })),
  })
  return (
    <Page
      title={data?.merchant.name ?? t('payment')}
      heading={data ? <bdi>{data.merchant.name}</bdi> : t('payment')}
      back={{ to: '/console/payments', label: t('payments') }}
    >
      <Allowed needs="payments.read">
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {!data && !error && <Skeleton h={480} radius="lg" />}
        {data && (
          <div className={styles['split']}>
            <div className={styles['stack']}>
              <Panel flush title={t('happened')}>
                <ol className={styles['elements']}>
                  {data.elements.map((element) => (
                    <Element key={element.sequence} element={element} currency={data.currency} />
                  ))}
                </ol>
              </Panel>
              {may('ledger.read') && <PaymentPostings paymentId={data.id} />}
            </div>
            <div className={styles['stack']}>
              <About payment={data} />
              <Replay paymentId={data.id} />
            </div>
          </div>
        )}
      </Allowed>
    </Page>
  )
}

function About({ payment }: { payment: PaymentTimeline }): ReactNode {
  const t = useTranslations('operations')
  const status = useTranslations('activity')
  const channels = useTranslations('common.channels')
  const { formats, locale } = useLanguage()
  const { merchant, currency } = payment
  return (
    <Panel title={<Money amount={payment.amount} currency={currency} />} aside={<Tag tone={STATUS_TONES[payment.status]}>{status(payment.status)}</Tag>}>
      <DetailList
        rows={[
          [t('when'), formatMoment(payment.opened_at, formats)],
          [t('held'), payment.held === 0 ? null : <Money key="held" amount={payment.held} currency={currency} />],
          [t('posted'), <Money key="posted" amount={payment.posted} currency={currency} />],
          [t('card'), payment.last4 && <span key="last4" className={styles['digits']}>•• {payment.last4}</span>],
          [t('channel'), wordOf(channels, payment.channel)],
          [t('descriptor'), <bdi key="descriptor">{merchant.descriptor}</bdi>],
          [t('category'), `${merchant.category} · ${merchant.mcc}`],
          [t('place'), placeName(merchant.city, merchant.country, locale)],
          [t('acceptor'), <CopyId key="acceptor" id={merchant.acceptor_id} />],
          [t('cardId'), <CopyId key="card" id={payment.card_id} />],
          [t('paymentId'), <CopyId key="payment" id={payment.id} />],
        ]}
      />
    </Panel>
  )
}

function Element({ element, currency }: { element: ElementView; currency: string }): ReactNode {
  const t = useTranslations('operations')
  const { formats } = useLanguage()
  const { merchant_amount: foreign, merchant_currency: foreignCurrency } = element
  return (
    <li className={styles['element']}>
      <div className={styles['head']}>
        <h3>{t(`elements.${element.kind}`)}</h3>
        <span>
          <Money amount={element.amount} currency={currency} />
          {!element.approved && <Tag tone="bad">{t('declined')}</Tag>}
          {element.is_final && <Tag>{t('final')}</Tag>}
        </span>
      </div>
      <p className={styles['dim']}>
        <time dateTime={element.occurred_at}>{formatMoment(element.occurred_at, formats)}</time>
        {foreign !== null && foreignCurrency !== null && element.exchange_rate !== null && (
          <>
            {' · '}
            <Money amount={foreign} currency={foreignCurrency} /> × {element.exchange_rate}
          </>
        )}
      </p>
      {element.decision && 'facts' in element.decision && <Decision decision={element.decision} />}
    </li>
  )
}

function Decision({ decision }: { decision: StaffDecisionView }): ReactNode {
  const t = useTranslations('operations')
  const stageNames = useTranslations('overview.stageNames')
  const deciders = useTranslations('operations.deciders')
  const { formats } = useLanguage()
  const stages = Object.entries(decision.stages_us)
  const longest = Math.max(1, ...stages.map(([, micros]) => micros))
  return (
    <>
      <ul className={styles['checks']} aria-label={t('checks')}>
        {decision.checks.map((check) => (
          <CheckLine key={`${check.name} ${check.explanation}`} check={check} />
        ))}
      </ul>
      <p className={styles['dim']}>
        {t('decidedBy', { by: wordOf(deciders, decision.decided_by), code: decision.response_code, version: decision.rulebook_version })} · <CopyId id={decision.id} />
      </p>
      <details>
        <summary className={styles['dim']}>{t('numbers')}</summary>
        <div className={styles['stages']}>
          {stages.map(([stage, micros]) => (
            <Meter key={stage} name={wordOf(stageNames, stage)} part={micros / longest} tone="plain" said={t('micros', { count: micros.toLocaleString(formats) })} />
          ))}
        </div>
        <pre className={styles['facts']} tabIndex={0} aria-label={t('facts')}>
          {JSON.stringify(decision.facts, null, 2)}
        </pre>
      </details>
    </>
  )
}

function CheckLine({ check }: { check: CheckView }): ReactNode {
  const t = useTranslations('operations')
  const Mark = check.passed ? IconCircleCheck : IconCircleX
  return (
    <li data-failed={!check.passed || undefined}>
      <Mark size={16} role="img" aria-label={t(check.passed ? 'passed' : 'failed')} />
      <b>{readable(check.name)}</b>
      <div>
        <p>
          <bdi>{explained(check.explanation)}</bdi>
        </p>
        {check.would_pass && (
          <p className={styles['dim']}>
            <bdi>{explained(check.would_pass)}</bdi>
          </p>
        )}
        {check.detail && <p className={styles['detail']}>{check.detail}</p>}
      </div>
    </li>
  )
}

/** The decisions computed again from what they looked at: whoever doubts one sees that it follows. */
function Replay({ paymentId }: { paymentId: string }): ReactNode {
  const t = useTranslations('operations')
  const replay = useMutation({ mutationFn: () => answer(replayPayment({ path: { payment_id: paymentId } })) })
  return (
    <Panel title={t('replay')}>
      <div className={styles['stages']}>
        <p className={styles['dim']}>{t('replayText')}</p>
        <div role="status">
          {replay.data?.map(({ decision_id: id, is_identical: isIdentical, outcome }) => (
            <p key={id}>
              <Tag tone={isIdentical ? 'good' : 'bad'}>{t(isIdentical ? 'identical' : 'differs', { outcome })}</Tag>
            </p>
          ))}
          {replay.data?.length === 0 && <p className={styles['dim']}>{t('noDecision')}</p>}
        </div>
        {replay.error && <ErrorState error={replay.error} />}
        <Button variant="default" size="sm" mt="sm" leftSection={<IconRefresh size={16} />} loading={replay.isPending} onClick={() => replay.mutate()}>
          {t('replayNow')}
        </Button>
      </div>
    </Panel>
  )
}
