/** An entry made by hand: its debits and credits are equal, and somebody else approves it. */
import { ActionIcon, Button, Select, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { trialBalanceQuery } from '@/api/console-queries'
import { type ManualPostingBody, proposeEntry } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { Allowed } from '@/components/allowed'
import { Money } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { useStepUp } from '@/components/step-up'
import { Tag } from '@/components/tag'
import { parseMoney } from '@/lib/money'

import { CODES, isOwned } from './chart'
import styles from './ledger.module.css'

interface Line {
  key: number
  account: string
  owner: string
  side: 'debit' | 'credit'
  amount: string
}

const LONGEST = 500
const FEWEST = 2
const MOST = 20

export function NewEntry(): ReactNode {
  const t = useTranslations('operations')
  return (
    <Page title={t('newEntry')} back={{ to: '/console/ledger', label: t('ledger') }}>
      <Allowed needs="ledger.write">
        <Form />
      </Allowed>
    </Page>
  )
}

function Form(): ReactNode {
  const t = useTranslations('operations')
  const guarded = useStepUp()
  const navigate = useNavigate()
  const { headers, fulfilled } = useIntent()
  const balance = useQuery(trialBalanceQuery(null))
  const currency = balance.data?.lines[0]?.currency ?? 'USD'
  const [lines, setLines] = useState<Line[]>([
    { key: 1, account: 'fees', owner: '', side: 'debit', amount: '' },
    { key: 2, account: 'corrections', owner: '', side: 'credit', amount: '' },
  ])
  const [reason, setReason] = useState('')
  const put = (key: number, part: Partial<Line>) => setLines(lines.map((line) => (line.key === key ? { ...line, ...part } : line)))
  const sums = { debit: sumOf(lines, 'debit', currency), credit: sumOf(lines, 'credit', currency) }
  const isWhole = lines.every((line) => (parseMoney(line.amount, currency) ?? 0) > 0 && (!isOwned(line.account) || line.owner.trim() !== ''))
  const isReady = isWhole && sums.debit === sums.credit && reason.trim() !== ''
  const propose = useMutation({
    mutationFn: () => guarded(() => answer(proposeEntry({ body: { currency, postings: lines.map((line) => toBody(line, currency)), reason: reason.trim() }, headers: headers() }))),
    onSuccess: async () => {
      fulfilled()
      notifications.show({ message: t('proposed') })
      await navigate({ to: '/console/ledger' })
    },
  })
  const send = (event: FormEvent) => {
    event.preventDefault()
    propose.mutate()
  }
  return (
    <Panel>
      <form className={styles['stack']} onSubmit={send}>
        <p className={styles['dim']}>{t('fourEyes')}</p>
        {lines.map((line) => (
          <LineForm key={line.key} line={line} currency={currency} change={(part) => put(line.key, part)} remove={lines.length > FEWEST ? () => setLines(lines.filter(({ key }) => key !== line.key)) : null} />
        ))}
        <div className={styles['deeds']}>
          <Button variant="default" size="sm" leftSection={<IconPlus size={16} />} disabled={lines.length >= MOST} onClick={() => setLines([...lines, { key: Math.max(...lines.map(({ key }) => key)) + 1, account: 'corrections', owner: '', side: 'credit', amount: '' }])}>
            {t('addLine')}
          </Button>
          <span className={styles['sums']} role="status">
            <span>
              {t('debits')} <strong><Money amount={sums.debit} currency={currency} /></strong>
            </span>
            <span>
              {t('credits')} <strong><Money amount={sums.credit} currency={currency} /></strong>
            </span>
            <Tag tone={sums.debit === sums.credit ? 'good' : 'bad'}>{t(sums.debit === sums.credit ? 'balances' : 'balancesNot')}</Tag>
          </span>
        </div>
        <Textarea label={t('reason')} required maxLength={LONGEST} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        {propose.error && <ErrorState error={propose.error} />}
        <Button type="submit" w="fit-content" disabled={!isReady} loading={propose.isPending}>
          {t('propose')}
        </Button>
      </form>
    </Panel>
  )
}

function LineForm({ line, currency, change, remove }: { line: Line; currency: string; change: (part: Partial<Line>) => void; remove: (() => void) | null }): ReactNode {
  const t = useTranslations('operations')
  const names = useTranslations('books.accounts')
  return (
    <div className={styles['line']} role="group" aria-label={t('line', { number: line.key })}>
      <Select size="sm" label={t('account')} allowDeselect={false} data={CODES.map((value) => ({ value, label: names(value) }))} value={line.account} onChange={(account) => account && change({ account })} />
      <TextInput size="sm" label={t('owner')} dir="ltr" disabled={!isOwned(line.account)} placeholder={isOwned(line.account) ? 'user_…' : t('program')} value={line.owner} onChange={(event) => change({ owner: event.currentTarget.value })} />
      <Select
        size="sm"
        label={t('side')}
        allowDeselect={false}
        data={[
          { value: 'debit', label: t('debit') },
          { value: 'credit', label: t('credit') },
        ]}
        value={line.side}
        onChange={(side) => side && change({ side: side as Line['side'] })}
      />
      <TextInput size="sm" label={`${t('amount')} (${currency})`} inputMode="decimal" dir="ltr" error={line.amount !== '' && parseMoney(line.amount, currency) === null} value={line.amount} onChange={(event) => change({ amount: event.currentTarget.value })} />
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('removeLine', { number: line.key })} disabled={remove === null} onClick={() => remove?.()}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  )
}

function sumOf(lines: readonly Line[], side: Line['side'], currency: string): number {
  return lines.filter((line) => line.side === side).reduce((sum, { amount }) => sum + (parseMoney(amount, currency) ?? 0), 0)
}

function toBody({ account, owner, side, amount }: Line, currency: string): ManualPostingBody {
  return { account, side, amount: parseMoney(amount, currency) ?? 0, ...(isOwned(account) ? { owner_id: owner.trim() } : {}) }
}
