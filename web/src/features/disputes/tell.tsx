/** The questions of a draft. Saving keeps it; handing it in is possible once nothing is missing. */
import { Button, Radio, Select, Text, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient, useInfiniteQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { disputeQuery, disputesQuery } from '@/api/disputes'
import {
  type CardwrightDisputesSchemasCaseView as CaseView,
  changeDispute,
  type Reason,
  type StatementInput,
  submitDispute,
} from '@/api/generated'
import { useIntent } from '@/api/intents'
import { paymentQuery, paymentsQuery } from '@/api/queries'
import { Panel } from '@/components/page'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { formatMoney, parseMoney, toDecimal } from '@/lib/money'
import { useTellProblem } from '@/lib/problem-text'

import styles from './disputes.module.css'
import { ASKED, type Asked, DAYS, REASONS } from './reasons'

type Told = Partial<Record<Asked, string | boolean>>
const LONGEST = 2_000

export function Tell({ dispute }: { dispute: CaseView }): ReactNode {
  const t = useTranslations('disputes')
  const { formats } = useLanguage()
  const { reason, amount, told, setReason, setAmount, answerTo } = useDraft(dispute)
  const { save, submit } = useKeeping(dispute)
  const payment = useQuery(paymentQuery(dispute.payment_id)).data
  const minor = parseMoney(amount, dispute.currency)
  const changes = () => ({ reason, amount: minor ?? dispute.amount, statement: statementOf(reason, told) })
  const isWhole = ASKED[reason].every((name) => told[name] !== undefined && told[name] !== '')
  return (
    <Panel title={t('tellTitle')}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault()
          submit.mutate(changes())
        }}
      >
        <Select
          label={t('reason')}
          allowDeselect={false}
          value={reason}
          data={REASONS.map((value) => ({ value, label: t(`reasons.${value}`) }))}
          onChange={(chosen) => setReason((chosen ?? reason) as Reason)}
        />
        <TextInput
          label={t('amount')}
          description={payment && t('amountHint', { most: formatMoney(payment.posted, payment.currency, formats) })}
          inputMode="decimal"
          dir="ltr"
          value={amount}
          rightSection={<Text c="dimmed">{dispute.currency}</Text>}
          rightSectionWidth={60}
          error={minor ? undefined : t('amountInvalid')}
          onChange={(event) => setAmount(event.currentTarget.value)}
        />
        {ASKED[reason].map((name) => (
          <Field key={name} name={name} dispute={dispute} value={told[name]} change={(value) => answerTo(name, value)} />
        ))}
        <div className={styles['deeds']}>
          <Button type="submit" loading={submit.isPending} disabled={!isWhole || !minor}>
            {t('submit')}
          </Button>
          <Button variant="default" loading={save.isPending} disabled={!minor} onClick={() => save.mutate(changes())}>
            {t('later')}
          </Button>
        </div>
        <Text size="sm" c="dimmed">
          {t(isWhole ? 'submitText' : 'incomplete')}
        </Text>
      </form>
    </Panel>
  )
}

function useDraft(dispute: CaseView) {
  const [reason, setReason] = useState<Reason>(dispute.reason)
  const [amount, setAmount] = useState<string>(toDecimal(dispute.amount, dispute.currency))
  const [told, setTold] = useState<Told>(() => known(dispute))
  const answerTo = (name: Asked, value: string | boolean) => setTold((before) => ({ ...before, [name]: value }))
  return { reason, amount, told, setReason, setAmount, answerTo }
}

function known({ statement }: CaseView): Told {
  return Object.fromEntries(Object.entries(statement).filter(([, value]) => value !== null)) as Told
}

/** Only what this reason asks for; what was told for another is taken back. */
function statementOf(reason: Reason, told: Told): StatementInput {
  const all = new Set(Object.values(ASKED).flat())
  return Object.fromEntries(
    [...all].map((name) => [name, ASKED[reason].includes(name) && told[name] !== '' ? (told[name] ?? null) : null]),
  )
}

interface Changes {
  reason: Reason
  amount: number
  statement: StatementInput
}

function useKeeping(dispute: CaseView) {
  const t = useTranslations('disputes')
  const client = useQueryClient()
  const tell = useTellProblem()
  const intent = useIntent()
  const path = { dispute_id: dispute.id }
  const keep = (changed: CaseView) => {
    client.setQueryData(disputeQuery(dispute.id).queryKey, changed)
    void client.invalidateQueries({ queryKey: disputesQuery.queryKey, exact: true })
  }
  const save = useMutation({
    mutationFn: (body: Changes) => answer(changeDispute({ path, body })),
    onSuccess: (changed) => {
      keep(changed)
      notifications.show({ message: t('saved') })
    },
    onError: tell,
  })
  const submit = useMutation({
    mutationFn: async (body: Changes) => {
      await answer(changeDispute({ path, body }))
      return answer(submitDispute({ path, body: {}, headers: intent.headers() }))
    },
    onSuccess: (changed) => {
      intent.fulfilled()
      keep(changed)
      notifications.show({ message: t('submittedNow') })
    },
    onError: (error) => {
      intent.fulfilled()
      tell(error)
    },
  })
  return { save, submit }
}

interface FieldProps {
  name: Asked
  dispute: CaseView
  value: string | boolean | undefined
  change: (value: string | boolean) => void
}

function Field({ name, dispute, value, change }: FieldProps): ReactNode {
  const t = useTranslations('disputes')
  const label = t(`fields.${name}`)
  const text = typeof value === 'string' ? value : ''
  if (name === 'duplicate_of') {
    return <Duplicate dispute={dispute} label={label} value={text} change={change} />
  }
  if (name === 'product_kind') {
    return <Choice label={label} value={text} change={change} options={{ goods: t('goods'), service: t('service') }} />
  }
  if (name === 'return_outcome') {
    const options = { accepted: t('returnAccepted'), refused: t('returnRefused') }
    return <Choice label={label} value={text} change={change} options={options} />
  }
  if (name === 'cancellation_policy_told') {
    const options = { yes: t('yes'), no: t('no') }
    const chosen = value === undefined ? '' : value ? 'yes' : 'no'
    return <Choice label={label} value={chosen} change={(said) => change(said === 'yes')} options={options} />
  }
  if (DAYS.has(name)) {
    return <TextInput label={label} type="date" value={text} onChange={(event) => change(event.currentTarget.value)} />
  }
  return (
    <Textarea
      label={label}
      description={name === 'explanation' ? t('explanationHint') : undefined}
      autosize={false}
      rows={name === 'explanation' ? 4 : 2}
      maxLength={LONGEST}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
    />
  )
}

function Choice({
  label,
  value,
  change,
  options,
}: {
  label: string
  value: string
  change: (value: string) => void
  options: Record<string, string>
}): ReactNode {
  return (
    <Radio.Group label={label} value={value} onChange={change}>
      <div className={styles['choices']}>
        {Object.entries(options).map(([option, said]) => (
          <Radio key={option} value={option} label={said} />
        ))}
      </div>
    </Radio.Group>
  )
}

/** The other payment at the same merchant that this one repeats. */
function Duplicate({ dispute, label, value, change }: Omit<FieldProps, 'name' | 'value'> & { label: string; value: string }): ReactNode {
  const t = useTranslations('disputes')
  const { formats } = useLanguage()
  const { data } = useInfiniteQuery(paymentsQuery({ text: dispute.merchant_name, status: 'settled' }))
  const others = (data?.pages.flatMap((page) => page.data) ?? []).filter(({ id }) => id !== dispute.payment_id)
  return (
    <Select
      label={label}
      placeholder={t('pickPayment')}
      nothingFoundMessage={t('noOther')}
      searchable
      value={value === '' ? null : value}
      data={others.map((payment) => ({
        value: payment.id,
        label: `${payment.merchant.name}, ${formatMoney(payment.posted, payment.currency, formats)}, ${formatMoment(payment.opened_at, formats)}`,
      }))}
      onChange={(chosen) => change(chosen ?? '')}
    />
  )
}
