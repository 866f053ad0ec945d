import { TextInput } from '@mantine/core'
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { type CardwrightLedgerApiEntryView as EntryView, listEntries } from '@/api/generated'
import { useMay } from '@/api/may'
import { ButtonLink } from '@/components/button-link'
import { DataTable } from '@/components/data-table'
import { FilterBar } from '@/components/filter-bar'
import { Money } from '@/components/money'
import { Panel } from '@/components/page'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { tailOf } from '@/lib/ids'
import { wordOf } from '@/lib/words'

import { EntryPanel } from './entry'
import styles from './ledger.module.css'
import { LedgerPage } from './section'

const PAGE = 100

const entriesQuery = (query: Record<string, string>) =>
  infiniteQueryOptions({
    queryKey: ['ledger', 'entries', query],
    queryFn: ({ pageParam }) => answer(listEntries({ query: { ...query, limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })

/** The journal, narrowed to an account, a kind, an id or days. */
export function Entries(): ReactNode {
  const t = useTranslations('operations')
  const kinds = useTranslations('books.kinds')
  const accounts = useTranslations('books.accounts')
  const may = useMay()
  const { formats } = useLanguage()
  const search = useSearch({ from: '/console/ledger/entries' })
  const navigate = useNavigate({ from: '/console/ledger/entries' })
  const [open, setOpen] = useState<EntryView | null>(null)
  const wanted = {
    ...(search.account ? { account_id: search.account } : {}),
    ...(search.kind ? { kind: search.kind } : {}),
    ...(search.external ? { external_id: search.external } : {}),
    ...(search.since ? { since: new Date(`${search.since}T00:00:00`).toISOString() } : {}),
    ...(search.until ? { until: new Date(`${search.until}T24:00:00`).toISOString() } : {}),
  }
  const list = useInfiniteQuery(entriesQuery(wanted))
  const set = (part: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  return (
    <LedgerPage title={t('journal')} actions={may('ledger.write') && <ButtonLink to="/console/ledger/new">{t('newEntry')}</ButtonLink>}>
      <FilterBar
        search={{ label: t('externalId'), value: search.external, change: (external) => set({ external }) }}
        filters={[
          { label: t('kind'), value: search.kind, change: (kind) => set({ kind }), options: KINDS.map((value) => ({ value, label: kinds(value) })) },
          ...(search.account
            ? [{ label: t('account'), value: search.account, change: (account: string | undefined) => set({ account }), options: [{ value: search.account, label: tailOf(search.account) }] }]
            : []),
        ]}
      >
        <TextInput size="sm" type="date" aria-label={t('from')} value={search.since ?? ''} onChange={(event) => set({ since: event.currentTarget.value || undefined })} />
        <TextInput size="sm" type="date" aria-label={t('to')} value={search.until ?? ''} onChange={(event) => set({ until: event.currentTarget.value || undefined })} />
      </FilterBar>
      <Panel flush>
        <DataTable
          label={t('journal')}
          list={list}
          rowKey={({ id }) => id}
          open={setOpen}
          selected={open?.id}
          columns={[
            { key: 'kind', title: t('kind'), cell: ({ kind }) => wordOf(kinds, kind) },
            { key: 'accounts', title: t('accounts'), width: 'minmax(0, 2fr)', from: 'tablet', cell: (entry) => [...new Set(entry.postings.map(({ code }) => wordOf(accounts, code)))].join(' · ') },
            { key: 'external', title: t('externalId'), width: 'minmax(0, 1.4fr)', from: 'desktop', cell: (entry) => <span className={styles['code']}>{entry.external_id}</span> },
            { key: 'posted', title: t('when'), width: '8.5rem', cell: (entry) => formatMoment(entry.posted_at, formats) },
            { key: 'amount', title: t('amount'), width: '7.5rem', align: 'end', cell: (entry) => <Money amount={turnover(entry)} currency={entry.currency} /> },
          ]}
        />
      </Panel>
      {open && <EntryPanel entry={open} close={() => setOpen(null)} />}
    </LedgerPage>
  )
}

const KINDS = ['top_up', 'withdrawal', 'clearing', 'refund', 'manual', 'dispute_credit', 'dispute_recovery', 'top_up_dispute'] as const

function turnover({ postings }: EntryView): number {
  return postings.filter(({ side }) => side === 'debit').reduce((sum, { amount }) => sum + amount, 0)
}
