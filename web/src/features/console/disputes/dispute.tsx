/** One dispute: what is told and shown, what is missing, and handing it in for a holder who cannot. */
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { disputeQuery } from '@/api/console-queries'
import { type CardwrightDisputesSchemasCaseView as DisputeCase, submitDispute, withdrawDispute } from '@/api/generated'
import { once } from '@/api/intents'
import { useMay } from '@/api/may'
import { useReread } from '@/api/reread'
import { CopyId } from '@/components/copy-id'
import { type Deed, DeedBar } from '@/components/deed-bar'
import { Due } from '@/components/due'
import { History } from '@/components/history'
import { Money } from '@/components/money'
import { Columns, Head, Opened } from '@/components/opened'
import { PersonLink } from '@/components/person-link'
import { ReasonDialog } from '@/components/reason-dialog'
import { Tag } from '@/components/tag'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { formatMoney } from '@/lib/money'
import { merchantName, wordOf } from '@/lib/words'

import styles from './disputes.module.css'
import { Evidence } from './evidence'
import { TONES } from './tones'

export function Dispute({ disputeId }: { disputeId: string }): ReactNode {
  return (
    <Opened query={useQuery(disputeQuery(disputeId))}>
      {(dispute) => (
        <>
          <Claim dispute={dispute} />
          <Columns>
            <Evidence dispute={dispute} />
            <DisputeHistory dispute={dispute} />
          </Columns>
          <Deciding dispute={dispute} />
        </>
      )}
    </Opened>
  )
}

function Claim({ dispute }: { dispute: DisputeCase }): ReactNode {
  const t = useTranslations('disputeDesk')
  const reasons = useTranslations('disputeDesk.reasons')
  const losses = useTranslations('disputeDesk.losses')
  const { formats } = useLanguage()
  return (
    <Head
      title={<bdi>{merchantName(dispute.merchant_name)}</bdi>}
      tags={
        <>
          <Tag tone={TONES[dispute.state]}>{t(dispute.state)}</Tag>
          <Tag>{reasons(dispute.reason)}</Tag>
          {dispute.state === 'draft' && <Due at={dispute.submit_by} />}
        </>
      }
      sum={<Money amount={dispute.amount} currency={dispute.currency} />}
      facts={[
        [t('holder'), <PersonLink key="who" id={dispute.user_id} />],
        [t('advanced'), <Money key="credited" amount={dispute.credited} currency={dispute.currency} />],
        [t('submitBy'), formatMoment(dispute.submit_by, formats)],
        [t('submittedAt'), dispute.submitted_at && formatMoment(dispute.submitted_at, formats)],
        [t('lossReason'), dispute.loss_reason && losses(dispute.loss_reason)],
        [t('refusal'), dispute.refusal],
        [t('payment'), <CopyId key="payment" id={dispute.payment_id} />],
      ]}
    />
  )
}

function DisputeHistory({ dispute }: { dispute: DisputeCase }): ReactNode {
  const t = useTranslations('disputeDesk')
  const steps = useTranslations('disputeDesk.steps')
  const { formats } = useLanguage()
  return (
    <History
      happenings={dispute.timeline.map((step) => ({
        key: `${step.kind}${step.at}`,
        at: step.at,
        what: wordOf(steps, step.kind),
        detail: [wordOf(t, `by_${step.actor}`), step.amount !== null && formatMoney(step.amount, dispute.currency, formats)].filter(Boolean).join(' · '),
      }))}
    />
  )
}

function Deciding({ dispute }: { dispute: DisputeCase }): ReactNode {
  const t = useTranslations('disputeDesk')
  const may = useMay()
  const reread = useReread(disputeQuery(dispute.id).queryKey, ['disputes'])
  const [asked, setAsked] = useState<'submit' | 'withdraw' | null>(null)
  const canSubmit = dispute.state === 'draft'
  const canWithdraw = dispute.state === 'draft' || dispute.state === 'submitted'
  if (!may('disputes.write') || !canWithdraw) {
    return null
  }
  const run = async (reason: string) => {
    const call = { path: { dispute_id: dispute.id }, body: { staff_reason: reason }, headers: once() }
    await answer(asked === 'submit' ? submitDispute(call) : withdrawDispute(call))
    await reread()
    notifications.show({ message: t(asked === 'submit' ? 'submittedNow' : 'withdrawnNow') })
  }
  const deeds: Deed[] = [
    { label: t('withdraw'), does: () => setAsked('withdraw') },
    ...(canSubmit
      ? [{ label: t('submit'), hotkey: 's', does: () => setAsked('submit'), variant: 'filled' as const, disabled: dispute.missing.length > 0 }]
      : []),
  ]
  return (
    <DeedBar label={t('act')} deeds={deeds}>
      <span className={styles['quiet']}>{t(canSubmit ? (dispute.missing.length > 0 ? 'notComplete' : 'complete') : 'atNetwork')}</span>
      {asked && (
        <ReasonDialog
          title={t(`${asked}Title`)}
          text={t(`${asked}Text`)}
          label={t('staffReason')}
          confirm={t(asked)}
          dangerous={asked === 'withdraw'}
          run={run}
          close={() => setAsked(null)}
        />
      )}
    </DeedBar>
  )
}
