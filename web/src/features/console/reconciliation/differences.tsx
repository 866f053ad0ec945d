import { IconScale } from '@tabler/icons-react'
import { infiniteQueryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { countDifferences, type DifferenceKind, type DifferenceState, listDifferences, type ListDifferencesData } from '@/api/generated'
import { DataTable } from '@/components/data-table'
import { FilterBar } from '@/components/filter-bar'
import { Meter } from '@/components/meter'
import { Money } from '@/components/money'
import { Panel } from '@/components/page'
import { Tag, type Tone } from '@/components/tag'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { brandName, wordOf } from '@/lib/words'

import { DifferencePanel } from './difference'
import { ReconciliationPage } from './section'

const STATES = ['open', 'explained', 'repaired', 'accepted'] as const satisfies DifferenceState[]
const KINDS = [
  'missing_here', 'missing_there', 'amount_differs', 'currency_differs', 'variant_differs', 'card_differs', 'date_differs',
  'duplicated_here', 'duplicated_there', 'hold_left_open', 'hold_missing', 'late', 'total_differs',
] as const satisfies DifferenceKind[]
const AGES = ['under_1_day', '1_to_3_days', '3_to_7_days', '7_to_30_days', 'over_30_days'] as const
/** Their texts, from the youngest to the oldest. */
const AGE_TEXTS = { under_1_day: 'a', '1_to_3_days': 'b', '3_to_7_days': 'c', '7_to_30_days': 'd', over_30_days: 'e' } as const
export const STATE_TONES: Record<DifferenceState, Tone> = { open: 'bad', explained: 'waiting', repaired: 'good', accepted: 'plain' }
const PAGE = 100

type Wanted = NonNullable<ListDifferencesData['query']>

const differencesQuery = (query: Wanted) =>
  infiniteQueryOptions({
    queryKey: ['reconciliation', 'differences', query],
    queryFn: ({ pageParam }) => answer(listDifferences({ query: { ...query, limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })

/** Where vendors and books do not agree, and what was done about it. */
export function Differences(): ReactNode {
  const t = useTranslations('operations')
  const records = useTranslations('books.records')
  const { formats } = useLanguage()
  const search = useSearch({ from: '/console/reconciliation' })
  const navigate = useNavigate({ from: '/console/reconciliation' })
  const set = (part: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  const { state, kind, age, difference } = search
  const list = useInfiniteQuery(differencesQuery({ ...(state ? { state: state as DifferenceState } : {}), ...(kind ? { kind: kind as DifferenceKind } : {}), ...(age ? { age: age as (typeof AGES)[number] } : {}) }))
  return (
    <ReconciliationPage title={t('reconciliation')}>
      <Ages />
      <FilterBar
        filters={[
          { label: t('state'), value: state, change: (value) => set({ state: value }), options: STATES.map((value) => ({ value, label: t(`states.${value}`) })) },
          { label: t('kind'), value: kind, change: (value) => set({ kind: value }), options: KINDS.map((value) => ({ value, label: t(`kinds.${value}`) })) },
          { label: t('age'), value: age, change: (value) => set({ age: value }), options: AGES.map((value) => ({ value, label: t(`ages.${AGE_TEXTS[value]}`) })) },
        ]}
      />
      <Panel flush>
        <DataTable
          label={t('differences')}
          list={list}
          rowKey={({ id }) => id}
          open={({ id }) => set({ difference: id })}
          selected={difference}
          empty={{ title: t('noDifferencesTitle'), text: t('noDifferencesText'), icon: <IconScale size={28} /> }}
          columns={[
            { key: 'kind', title: t('kind'), width: 'minmax(0, 1.4fr)', cell: (it) => t(`kinds.${it.kind}`) },
            { key: 'record', title: t('record'), from: 'tablet', cell: (it) => `${wordOf(records, it.record)} · ${brandName(it.source)}` },
            { key: 'seen', title: t('firstSeen'), width: '8.5rem', from: 'desktop', cell: (it) => formatMoment(it.first_seen_at, formats) },
            { key: 'state', title: t('state'), width: '5.5rem', cell: (it) => <Tag tone={STATE_TONES[it.state]}>{t(`states.${it.state}`)}</Tag> },
            { key: 'delta', title: t('delta'), width: '6.5rem', align: 'end', cell: (it) => <Money amount={it.delta} currency={it.currency} signed /> },
          ]}
        />
      </Panel>
      {difference && <DifferencePanel id={difference} close={() => set({ difference: undefined })} />}
    </ReconciliationPage>
  )
}

/** How many are open, by how long. */
function Ages(): ReactNode {
  const t = useTranslations('operations')
  const { formats } = useLanguage()
  const { data } = useQuery({ queryKey: ['reconciliation', 'ages'], queryFn: () => answer(countDifferences()) })
  const counts = AGES.map((age) => (data ?? []).filter((each) => each.age === age).reduce((sum, { count }) => sum + count, 0))
  const most = Math.max(1, ...counts)
  return (
    data &&
    data.length > 0 && (
      <Panel title={t('openByAge')}>
        {AGES.map((age, at) => (
          <Meter key={age} name={t(`ages.${AGE_TEXTS[age]}`)} part={(counts[at] ?? 0) / most} tone={at > 2 ? 'bad' : 'waiting'} said={(counts[at] ?? 0).toLocaleString(formats)} />
        ))}
      </Panel>
    )
  )
}
