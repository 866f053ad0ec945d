import { Button, Loader, Radio, Text, TextInput } from '@mantine/core'
import { IconCheck, IconExternalLink, IconHourglass, IconX } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { createTopUp, type TopUpOutput } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { methodsQuery } from '@/api/money'
import { topUpQuery, walletQuery } from '@/api/queries'
import { ButtonLink } from '@/components/button-link'
import { Page, Panel } from '@/components/page'
import { useLanguage } from '@/lib/i18n'
import { formatMoney, parseMoney } from '@/lib/money'
import { useTellProblem } from '@/lib/problem-text'
import { brandName } from '@/lib/words'

import { METHODS } from './methods'
import styles from './money.module.css'
import { Told } from './told'

const QUICK = [20_00, 50_00, 100_00, 250_00]
const EXAMPLE = 50_00

export function TopUp(): ReactNode {
  const t = useTranslations('topUp')
  const app = useTranslations('app')
  return (
    <Page title={t('title')} narrow back={{ to: '/', label: app('home') }}>
      <AddMoney onward={<ButtonLink to="/">{t('seeBalance')}</ButtonLink>} />
    </Page>
  )
}

/** Asking for money and seeing it come; `onward` is where one goes once it is there. */
export function AddMoney({ onward }: { onward: ReactNode }): ReactNode {
  const navigate = useNavigate()
  // In the address, so that whoever comes back from the bank's page finds it again.
  const { id: asked } = useSearch({ strict: false })
  const look = (search: { id?: string }) => void navigate({ to: '.', search })
  return asked === undefined ? <Ask asked={(id) => look({ id })} /> : <Progress topUpId={asked} again={() => look({})} onward={onward} />
}

function Ask({ asked }: { asked: (topUpId: string) => void }): ReactNode {
  const t = useTranslations('topUp')
  const { formats } = useLanguage()
  const tell = useTellProblem()
  const intent = useIntent()
  const client = useQueryClient()
  const { data: wallet } = useQuery(walletQuery)
  const currency = wallet?.currency ?? 'USD'
  const [typed, setTyped] = useState('')
  const kept = (useQuery(methodsQuery).data ?? []).filter(({ status }) => status === 'active')
  const [chosen, setChosen] = useState<string | null>(null)
  const first = kept.find(({ is_default }) => is_default) ?? kept[0]
  const source = chosen ?? first?.id ?? METHODS[0].token
  const amount = parseMoney(typed, currency)
  const create = useMutation({
    mutationFn: (minor: number) =>
      answer(
        createTopUp({
          body: {
            amount: minor,
            currency,
            ...(kept.some(({ id }) => id === source) ? { payment_method_id: source } : { payment_method_token: source }),
          },
          headers: intent.headers(),
        }),
      ),
    onSuccess: (made) => {
      intent.fulfilled()
      client.setQueryData(topUpQuery(made.id).queryKey, made)
      asked(made.id)
    },
    onError: tell,
  })
  const change = (text: string) => {
    intent.fulfilled()
    setTyped(text)
  }
  return (
    <Panel>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault()
          if (amount) {
            create.mutate(amount)
          }
        }}
      >
        <TextInput
          label={t('amount')}
          inputMode="decimal"
          dir="ltr"
          size="xl"
          autoFocus
          autoComplete="off"
          value={typed}
          rightSection={<Text c="dimmed">{currency}</Text>}
          rightSectionWidth={72}
          error={typed !== '' && !amount ? t('amountInvalid', { example: formatMoney(EXAMPLE, currency, formats) }) : undefined}
          onChange={(event) => change(event.currentTarget.value)}
        />
        <div className={styles['quick']}>
          {QUICK.map((minor) => (
            <Button key={minor} variant="default" size="sm" onClick={() => change(String(minor / 100))}>
              {formatMoney(minor, currency, formats, { short: true })}
            </Button>
          ))}
        </div>
        <Radio.Group
          label={t('from')}
          value={source}
          onChange={(picked) => {
            intent.fulfilled()
            setChosen(picked)
          }}
        >
          <div className={styles['methods']}>
            {kept.map((method) => (
              <Radio.Card key={method.id} value={method.id} className={styles['method'] ?? ''} radius="md">
                <Radio.Indicator />
                <span className={styles['methodWords']}>
                  <strong>
                    <bdi dir="ltr">
                      {brandName(method.card?.brand ?? '')} •• {method.card?.last4}
                    </bdi>
                  </strong>
                  <small>{method.label ? <bdi>{method.label}</bdi> : t('kept')}</small>
                </span>
              </Radio.Card>
            ))}
            {METHODS.map((method) => (
              <Radio.Card key={method.token} value={method.token} className={styles['method'] ?? ''} radius="md">
                <Radio.Indicator />
                <span className={styles['methodWords']}>
                  <strong>{t(method.name)}</strong>
                  <small>{t(method.text)}</small>
                </span>
              </Radio.Card>
            ))}
          </div>
        </Radio.Group>
        <Text size="sm" c="dimmed">
          {t('testOnly')}
        </Text>
        <Button type="submit" size="lg" loading={create.isPending} disabled={!amount}>
          {amount ? t('add', { amount: formatMoney(amount, currency, formats, { short: true }) }) : t('title')}
        </Button>
      </form>
    </Panel>
  )
}

function Progress({ topUpId, again, onward }: { topUpId: string; again: () => void; onward: ReactNode }): ReactNode {
  const { data } = useQuery(topUpQuery(topUpId))
  const client = useQueryClient()
  const hasArrived = data?.status === 'succeeded'
  useEffect(() => {
    if (hasArrived) {
      void client.invalidateQueries({ queryKey: walletQuery.queryKey })
    }
  }, [hasArrived, client])
  return (
    <Panel>
      <div className={styles['progress']} aria-live="polite" data-testid="top-up" data-status={data?.status}>
        {data && <State topUp={data} again={again} onward={onward} />}
      </div>
    </Panel>
  )
}

function State({ topUp, again, onward }: { topUp: TopUpOutput; again: () => void; onward: ReactNode }): ReactNode {
  const t = useTranslations('topUp')
  const { formats } = useLanguage()
  const amount = formatMoney(topUp.amount, topUp.currency, formats)
  switch (topUp.status) {
    case 'succeeded':
      return (
        <Told mark={<IconCheck size={30} />} title={t('succeeded', { amount })} text={t('succeededText')}>
          {onward}
        </Told>
      )
    case 'requires_action':
      return (
        <Told mark={<IconHourglass size={30} />} title={t('confirming')} text={t('confirmingText')}>
          {topUp.action_url !== null && (
            <Button
              component="a"
              href={topUp.action_url}
              target="_blank"
              rel="noreferrer"
              rightSection={<IconExternalLink size={18} />}
            >
              {t('openBank')}
            </Button>
          )}
        </Told>
      )
    case 'failed':
    case 'canceled':
      return (
        <Told mark={<IconX size={30} />} tone="bad" title={t('failed')} text={topUp.reason ?? ''}>
          <Button variant="default" onClick={again}>
            {t('again')}
          </Button>
        </Told>
      )
    case 'review':
      return <Told mark={<IconHourglass size={30} />} title={t('review')} text={t('reviewText')} />
    default:
      return <Told mark={<Loader size="sm" />} title={t('waiting')} text={amount} />
  }
}
