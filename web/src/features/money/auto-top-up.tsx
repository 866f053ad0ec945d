import { Button, Select, Skeleton, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer, done } from '@/api/client'
import { type AutoTopUpOutput, type MethodOutput, setAutoTopUp, stopAutoTopUp } from '@/api/generated'
import { autoTopUpQuery } from '@/api/money'
import { walletQuery } from '@/api/queries'
import { Panel } from '@/components/page'
import { Declined, useStepUp } from '@/components/step-up'
import { useLanguage } from '@/lib/i18n'
import { formatMoney, parseMoney, toDecimal } from '@/lib/money'
import { useTellProblem } from '@/lib/problem-text'

import styles from './money.module.css'

const FIELDS = ['threshold', 'amount', 'most_per_day', 'most_per_month'] as const
type Typed = Record<(typeof FIELDS)[number], string>

export function AutoTopUp({ methods }: { methods: readonly MethodOutput[] }): ReactNode {
  const t = useTranslations('money')
  const { data: rule } = useQuery(autoTopUpQuery)
  return (
    <Panel title={t('auto')}>
      {rule === undefined && <Skeleton h={60} />}
      {rule && <Rule rule={rule} />}
      {rule === null && methods.length === 0 && <Text c="dimmed">{t('autoNeedsCard')}</Text>}
      {rule === null && methods.length > 0 && <Ask methods={methods} />}
    </Panel>
  )
}

function Rule({ rule }: { rule: AutoTopUpOutput }): ReactNode {
  const t = useTranslations('money')
  const { formats } = useLanguage()
  const client = useQueryClient()
  const tell = useTellProblem()
  const money = (minor: number) => formatMoney(minor, rule.currency, formats, { short: true })
  const stop = useMutation({
    mutationFn: () => done(stopAutoTopUp()),
    onSuccess: () => {
      client.setQueryData(autoTopUpQuery.queryKey, null)
      notifications.show({ message: t('autoStopped') })
    },
    onError: tell,
  })
  return (
    <div className={styles['form']}>
      <Text>{t('autoOn', { amount: money(rule.amount), threshold: money(rule.threshold) })}</Text>
      <Text c="dimmed" size="sm">
        {t('autoCaps', {
          today: money(rule.added_today),
          day: money(rule.most_per_day),
          sofar: money(rule.added_this_month),
          month: money(rule.most_per_month),
        })}
      </Text>
      {!rule.is_on && <p className={styles['notice']}>{rule.off_reason ?? t('autoOff')}</p>}
      <Button variant="default" size="sm" className={styles['start'] ?? ''} loading={stop.isPending} onClick={() => stop.mutate()}>
        {t('autoStop')}
      </Button>
    </div>
  )
}

function Ask({ methods }: { methods: readonly MethodOutput[] }): ReactNode {
  const t = useTranslations('money')
  const client = useQueryClient()
  const guarded = useStepUp()
  const tell = useTellProblem()
  const currency = useQuery(walletQuery).data?.currency ?? 'USD'
  const [typed, setTyped] = useState<Typed>(() => beginning(currency))
  const [methodId, setMethodId] = useState(methods.find(({ is_default }) => is_default)?.id ?? methods[0]?.id ?? '')
  const minor = (field: keyof Typed) => parseMoney(typed[field], currency) ?? 0
  const isWhole = FIELDS.every((field) => minor(field) > 0)
  const set = useMutation({
    mutationFn: () => {
      const [threshold, amount, most_per_day, most_per_month] = FIELDS.map((field) => minor(field)) as [
        number,
        number,
        number,
        number,
      ]
      const body = { payment_method_id: methodId, threshold, amount, most_per_day, most_per_month }
      return guarded(() => answer(setAutoTopUp({ body })))
    },
    onSuccess: (rule) => {
      client.setQueryData(autoTopUpQuery.queryKey, rule)
      notifications.show({ message: t('autoSet') })
    },
    onError: (error) => {
      if (!(error instanceof Declined)) {
        tell(error)
      }
    },
  })
  return (
    <form
      className={styles['form']}
      onSubmit={(event) => {
        event.preventDefault()
        set.mutate()
      }}
    >
      <Text c="dimmed" size="sm">
        {t('autoText')}
      </Text>
      <div className={styles['pairs']}>
        {FIELDS.map((field) => (
          <TextInput
            key={field}
            label={t(`autoFields.${field}`)}
            inputMode="decimal"
            dir="ltr"
            value={typed[field]}
            rightSection={<Text c="dimmed">{currency}</Text>}
            rightSectionWidth={60}
            error={minor(field) > 0 ? undefined : t('enterAmount')}
            onChange={(event) => setTyped({ ...typed, [field]: event.currentTarget.value })}
          />
        ))}
      </div>
      <Select
        label={t('autoFrom')}
        allowDeselect={false}
        value={methodId}
        data={methods.map(({ id, card, label }) => ({ value: id, label: card ? `•• ${card.last4}` : (label ?? id) }))}
        onChange={(chosen) => setMethodId(chosen ?? methodId)}
      />
      <Button type="submit" className={styles['start'] ?? ''} loading={set.isPending} disabled={!isWhole}>
        {t('autoGo')}
      </Button>
    </form>
  )
}

function beginning(currency: string): Typed {
  const [threshold, amount, most_per_day, most_per_month] = [20_00, 50_00, 100_00, 500_00].map((minor) =>
    toDecimal(minor, currency),
  ) as [string, string, string, string]
  return { threshold, amount, most_per_day, most_per_month }
}
