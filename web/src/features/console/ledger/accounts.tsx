import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { listAccounts } from '@/api/generated'
import { DataTable } from '@/components/data-table'
import { FilterBar } from '@/components/filter-bar'
import { Money } from '@/components/money'
import { PersonLink } from '@/components/person-link'
import { Panel } from '@/components/page'
import { wordOf } from '@/lib/words'

import { CODES, isOwned } from './chart'
import { LedgerPage } from './section'

const PAGE = 100

const accountsQuery = (query: Record<string, string>) =>
  infiniteQueryOptions({
    queryKey: ['ledger', 'accounts', query],
    queryFn: ({ pageParam }) => answer(listAccounts({ query: { ...query, limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })

/** Accounts with what is posted, held and available; each leads to its postings. */
export function Accounts(): ReactNode {
  const t = useTranslations('operations')
  const names = useTranslations('books.accounts')
  const search = useSearch({ from: '/console/ledger/accounts' })
  const navigate = useNavigate({ from: '/console/ledger/accounts' })
  const list = useInfiniteQuery(accountsQuery({ ...(search.code ? { code: search.code } : {}), ...(search.owner ? { owner_id: search.owner } : {}) }))
  return (
    <LedgerPage title={t('accounts')}>
      <FilterBar
        search={{ label: t('owner'), value: search.owner, change: (owner) => void navigate({ search: (before) => ({ ...before, owner }), replace: true }) }}
        filters={[
          {
            label: t('account'),
            value: search.code,
            change: (code) => void navigate({ search: (before) => ({ ...before, code }), replace: true }),
            options: CODES.map((value) => ({ value, label: names(value) })),
          },
        ]}
      />
      <Panel flush>
        <DataTable
          label={t('accounts')}
          list={list}
          rowKey={({ id }) => id}
          to={({ id }) => ({ to: '/console/ledger/entries', search: { account: id } })}
          columns={[
            { key: 'code', title: t('account'), cell: ({ code }) => wordOf(names, code) },
            { key: 'owner', title: t('owner'), width: '10rem', from: 'tablet', cell: ({ code, owner_id: owner }) => (isOwned(code) ? <PersonLink id={owner} /> : t('program')) },
            { key: 'side', title: t('side'), width: '6rem', from: 'desktop', cell: (account) => t(account.normal_side) },
            { key: 'posted', title: t('posted'), width: '8rem', from: 'tablet', align: 'end', cell: (account) => <Money amount={account.posted_balance} currency={account.currency} /> },
            { key: 'held', title: t('held'), width: '7rem', from: 'desktop', align: 'end', cell: (account) => <Money amount={account.held} currency={account.currency} /> },
            { key: 'available', title: t('available'), width: '8rem', align: 'end', cell: (account) => <Money amount={account.available_balance} currency={account.currency} /> },
          ]}
        />
      </Panel>
    </LedgerPage>
  )
}
