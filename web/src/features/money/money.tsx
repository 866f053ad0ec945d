/** The wallet: what moved in a month, to read and to keep, and what is on its way. */
import { Button, Menu, Select, Skeleton, Text } from '@mantine/core'
import { IconArrowDownLeft, IconArrowUpRight, IconCreditCard, IconDownload, IconReceipt } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'
import { useTranslations } from 'use-intl'

import type { CardwrightStatementsApiStatementView as Statement, TopUpOutput, WithdrawalOutput } from '@/api/generated'
import { statementQuery, topUpsQuery, withdrawalsQuery } from '@/api/money'
import { meQuery, walletQuery } from '@/api/queries'
import { ButtonLink } from '@/components/button-link'
import { BigMoney, Money } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { EmptyState, ErrorState, ListSkeleton } from '@/components/states'
import { formatMoment, formatMonth } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import { Lines } from './lines'
import { monthsSince, thisMonth } from './months'
import styles from './money.module.css'

export function MoneyPage(): ReactNode {
  const t = useTranslations('money')
  return (
    <Page
      title={t('title')}
      actions={
        <>
          <ButtonLink to="/money/sources" variant="default" leftSection={<IconCreditCard size={18} />}>
            {t('sources')}
          </ButtonLink>
          <ButtonLink to="/money/withdraw" variant="default" leftSection={<IconArrowUpRight size={18} />}>
            {t('withdraw')}
          </ButtonLink>
          <ButtonLink to="/top-up" leftSection={<IconArrowDownLeft size={18} />}>
            {t('add')}
          </ButtonLink>
        </>
      }
    >
      <div className={styles['two']}>
        <Month />
        <div className={styles['column']}>
          <Balance />
          <Moving />
        </div>
      </div>
    </Page>
  )
}

function Balance(): ReactNode {
  const t = useTranslations('money')
  const { data: wallet } = useQuery(walletQuery)
  return (
    <Panel title={t('available')}>
      {wallet ? <BigMoney amount={wallet.available_balance} currency={wallet.currency} /> : <Skeleton h={44} w={180} />}
    </Panel>
  )
}

function Month(): ReactNode {
  const t = useTranslations('money')
  const { formats } = useLanguage()
  const navigate = useNavigate({ from: '/money' })
  const since = useQuery(meQuery).data?.created_at
  const months = useMemo(() => (since === undefined ? [thisMonth()] : monthsSince(since)), [since])
  const { month = thisMonth() } = useSearch({ from: '/holder/money' })
  const { data, error, isPending, refetch } = useQuery(statementQuery(month))
  return (
    <Panel
      flush
      title={t('statement')}
      aside={
        <div className={styles['statementTools']}>
          <Select
            aria-label={t('month')}
            size="sm"
            allowDeselect={false}
            value={month}
            data={months.map((value) => ({ value, label: formatMonth(value, formats) }))}
            onChange={(chosen) => void navigate({ search: { month: chosen ?? undefined }, replace: true })}
          />
          <Exports month={month} />
        </div>
      }
    >
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <ListSkeleton rows={8} />}
      {data && <Figures statement={data} />}
      {data?.lines.length === 0 && (
        <EmptyState icon={<IconReceipt size={28} />} title={t('emptyTitle')} text={t('emptyText')} />
      )}
      {data !== undefined && data.lines.length > 0 && <Lines statement={data} />}
    </Panel>
  )
}

function Figures({ statement }: { statement: Statement }): ReactNode {
  const t = useTranslations('money')
  const { currency } = statement
  const figures = [
    ['opening', statement.opening_balance],
    ['moneyIn', statement.money_in],
    ['moneyOut', statement.money_out],
    ['closing', statement.closing_balance],
  ] as const
  return (
    <dl className={styles['figures']}>
      {figures.map(([name, amount]) => (
        <div key={name}>
          <dt>{t(name)}</dt>
          <dd>
            <Money amount={amount} currency={currency} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Exports({ month }: { month: string }): ReactNode {
  const t = useTranslations('money')
  return (
    <Menu position="bottom-end" shadow="md" radius="md">
      <Menu.Target>
        <Button variant="default" size="sm" leftSection={<IconDownload size={16} />}>
          {t('download')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={`/v1/statement.pdf?month=${month}`} download>
          PDF
        </Menu.Item>
        <Menu.Item component="a" href={`/v1/statement.csv?month=${month}`} download>
          CSV
        </Menu.Item>
        <Menu.Item component="a" href={`/v1/statement?month=${month}`} download={`statement-${month}.json`}>
          JSON
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** Top-ups and withdrawals, the newest first. */
function Moving(): ReactNode {
  const t = useTranslations('money')
  const topUps = useQuery(topUpsQuery).data
  const withdrawals = useQuery(withdrawalsQuery).data
  const all = [
    ...(topUps ?? []).map((one) => ({ way: 'in' as const, one })),
    ...(withdrawals ?? []).map((one) => ({ way: 'out' as const, one })),
  ].toSorted((one, other) => other.one.created_at.localeCompare(one.one.created_at))
  return (
    <Panel title={t('inAndOut')} flush>
      {!(topUps && withdrawals) && <ListSkeleton rows={3} />}
      {topUps && withdrawals && all.length === 0 && (
        <Text c="dimmed" px="lg" pb="md">
          {t('noneYet')}
        </Text>
      )}
      <ul className={styles['moves']}>
        {all.map(({ way, one }) => (
          <Move key={one.id} way={way} one={one} />
        ))}
      </ul>
    </Panel>
  )
}

type KnownStatus = 'requested' | 'pending' | 'requires_action' | 'canceled' | 'failed' | 'succeeded' | 'review' | 'partly_succeeded'
const TONES: Partial<Record<KnownStatus, string>> = { succeeded: 'good', failed: 'bad', requires_action: 'waiting', review: 'waiting' }

function Move({ way, one }: { way: 'in' | 'out'; one: TopUpOutput | WithdrawalOutput }): ReactNode {
  const t = useTranslations('money')
  const { formats } = useLanguage()
  const status = one.status as KnownStatus
  const said = (
    <>
      <span className={styles['moveIcon']} data-way={way} aria-hidden>
        {way === 'in' ? <IconArrowDownLeft size={18} /> : <IconArrowUpRight size={18} />}
      </span>
      <span className={styles['moveWords']}>
        <span>{t(way === 'in' ? 'topUp' : 'withdrawal')}</span>
        <small>{formatMoment(one.created_at, formats)}</small>
      </span>
      <span className={styles['moveEnd']}>
        <Money amount={way === 'in' ? one.amount : -one.amount} currency={one.currency} signed />
        {status !== 'succeeded' && (
          <span className={styles['state']} data-tone={TONES[status]}>
            {t(`states.${status}`)}
          </span>
        )}
      </span>
    </>
  )
  return (
    <li>
      {way === 'in' && status !== 'succeeded' ? (
        <Link to="/top-up" search={{ id: one.id }} className={styles['move']}>
          {said}
        </Link>
      ) : (
        <div className={styles['move']}>{said}</div>
      )}
    </li>
  )
}
