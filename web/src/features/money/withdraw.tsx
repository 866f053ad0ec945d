import { Button, Loader, Text, TextInput } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { createWithdrawal, getWithdrawal } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { unlessLive } from '@/api/liveness'
import { walletQuery } from '@/api/queries'
import { ButtonLink } from '@/components/button-link'
import { Page, Panel } from '@/components/page'
import { Declined, useStepUp } from '@/components/step-up'
import { useLanguage } from '@/lib/i18n'
import { formatMoney, parseMoney, toDecimal } from '@/lib/money'
import { useTellProblem } from '@/lib/problem-text'

import styles from './money.module.css'
import { Told } from './told'

const SOON_MS = 1_000

const withdrawalQuery = (withdrawalId: string) =>
  queryOptions({
    queryKey: ['withdrawals', withdrawalId],
    queryFn: () => answer(getWithdrawal({ path: { withdrawal_id: withdrawalId } })),
    refetchInterval: (query) => (query.state.data?.status === 'pending' ? SOON_MS : unlessLive()),
  })

export function Withdraw(): ReactNode {
  const t = useTranslations('money')
  const [asked, setAsked] = useState<string | null>(null)
  return (
    <Page title={t('withdraw')} narrow back={{ to: '/money', label: t('title') }}>
      <Panel>{asked === null ? <Ask asked={setAsked} /> : <Progress withdrawalId={asked} />}</Panel>
    </Page>
  )
}

function Ask({ asked }: { asked: (withdrawalId: string) => void }): ReactNode {
  const t = useTranslations('money')
  const topUp = useTranslations('topUp')
  const { formats } = useLanguage()
  const client = useQueryClient()
  const intent = useIntent()
  const guarded = useStepUp()
  const tell = useTellProblem()
  const { data: wallet } = useQuery(walletQuery)
  const [typed, setTyped] = useState('')
  const currency = wallet?.currency ?? 'USD'
  const most = Math.max(0, (wallet?.available_balance ?? 0) - (wallet?.owed ?? 0))
  const amount = parseMoney(typed, currency)
  const isTooMuch = amount !== null && amount > most
  const withdraw = useMutation({
    mutationFn: (minor: number) =>
      guarded(() => answer(createWithdrawal({ body: { amount: minor, currency }, headers: intent.headers() }))),
    onSuccess: (made) => {
      intent.fulfilled()
      client.setQueryData(withdrawalQuery(made.id).queryKey, made)
      void client.invalidateQueries({ queryKey: walletQuery.queryKey })
      asked(made.id)
    },
    onError: (error) => {
      if (!(error instanceof Declined)) {
        tell(error)
      }
    },
  })
  const change = (text: string) => {
    intent.fulfilled()
    setTyped(text)
  }
  const wrong = isTooMuch ? t('tooMuch') : topUp('amountInvalid', { example: formatMoney(most, currency, formats) })
  return (
    <form
      className={styles['form']}
      onSubmit={(event) => {
        event.preventDefault()
        if (amount) {
          withdraw.mutate(amount)
        }
      }}
    >
      <Text c="dimmed">{t('withdrawText')}</Text>
      <TextInput
        label={topUp('amount')}
        description={wallet && t('most', { amount: formatMoney(most, currency, formats) })}
        inputMode="decimal"
        dir="ltr"
        size="xl"
        autoFocus
        autoComplete="off"
        value={typed}
        rightSection={<Text c="dimmed">{currency}</Text>}
        rightSectionWidth={72}
        error={typed !== '' && (!amount || isTooMuch) ? wrong : undefined}
        onChange={(event) => change(event.currentTarget.value)}
      />
      <div className={styles['quick']}>
        <Button variant="default" size="sm" disabled={most === 0} onClick={() => change(toDecimal(most, currency))}>
          {t('everything')}
        </Button>
      </div>
      <Button type="submit" size="lg" loading={withdraw.isPending} disabled={!amount || isTooMuch}>
        {amount ? t('withdrawGo', { amount: formatMoney(amount, currency, formats, { short: true }) }) : t('withdraw')}
      </Button>
    </form>
  )
}

function Progress({ withdrawalId }: { withdrawalId: string }): ReactNode {
  const t = useTranslations('money')
  const { formats } = useLanguage()
  const client = useQueryClient()
  const { data } = useQuery(withdrawalQuery(withdrawalId))
  const status = data?.status ?? 'pending'
  useEffect(() => {
    if (status !== 'pending') {
      void client.invalidateQueries({ queryKey: walletQuery.queryKey })
    }
  }, [status, client])
  const amount = data ? formatMoney(data.amount, data.currency, formats) : ''
  return (
    <div className={styles['progress']} aria-live="polite" data-testid="withdrawal" data-status={status}>
      {status === 'pending' && <Told mark={<Loader size="sm" />} title={t('leaving')} text={amount} />}
      {(status === 'succeeded' || status === 'partly_succeeded') && (
        <Told
          mark={<IconCheck size={30} />}
          title={t(status === 'succeeded' ? 'left' : 'partlyLeft', { amount })}
          text={t('leftText')}
        >
          <ButtonLink to="/money">{t('back')}</ButtonLink>
        </Told>
      )}
      {status === 'failed' && (
        <Told mark={<IconX size={30} />} tone="bad" title={t('notLeft')} text={data?.reason ?? ''}>
          <ButtonLink to="/money" variant="default">
            {t('back')}
          </ButtonLink>
        </Told>
      )}
    </div>
  )
}
