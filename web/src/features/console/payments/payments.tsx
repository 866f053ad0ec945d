/** All payments of the program: filters in the address, cursor pages, only what is near the window drawn. */
import { Button, TextInput } from '@mantine/core'
import { IconDownload, IconZoomQuestion } from '@tabler/icons-react'
import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { listMerchantCategories, listPayments, type PaymentStatus, type PaymentView } from '@/api/generated'
import { pageAsRead } from '@/api/long-lists'
import { useMay } from '@/api/may'
import { Allowed } from '@/components/allowed'
import { DataTable } from '@/components/data-table'
import { FilterBar } from '@/components/filter-bar'
import { MerchantMark } from '@/components/merchant-mark'
import { Money } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { Tag, type Tone } from '@/components/tag'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { tailOf } from '@/lib/ids'

import styles from './payments.module.css'

const STATUSES = ['pending', 'settled', 'declined', 'voided', 'expired'] as const satisfies PaymentStatus[]
export const STATUS_TONES: Record<PaymentStatus, Tone> = { pending: 'waiting', settled: 'good', declined: 'bad', voided: 'plain', expired: 'plain' }
const PAGE = 100
const SHORTEST = 2

type Wanted = ReturnType<typeof useExplorerSearch>

function useExplorerSearch() {
  return useSearch({ from: '/console/payments' })
}

const explorerQuery = (wanted: Wanted) =>
  infiniteQueryOptions({
    queryKey: ['payments', 'everyone', wanted],
    queryFn: ({ pageParam, client, queryKey }) =>
      pageAsRead<PaymentView>(client, queryKey, pageParam, PAGE) ??
      answer(listPayments({ query: { ...filtersOf(wanted), limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })

const groupsQuery = queryOptions({
  queryKey: ['merchant-categories'],
  queryFn: () => answer(listMerchantCategories()),
  staleTime: Infinity,
})

/** Days of the reader are instants of the API. */
function filtersOf({ text, opened_from: from, opened_before: before, amount_min: _least, amount_max: _most, ...others }: Wanted) {
  return {
    ...others,
    everyone: true,
    ...(text && text.length >= SHORTEST ? { text } : {}),
    ...(from ? { opened_from: new Date(`${from}T00:00:00`).toISOString() } : {}),
    ...(before ? { opened_before: new Date(`${before}T24:00:00`).toISOString() } : {}),
  }
}

export function Payments(): ReactNode {
  const t = useTranslations('operations')
  const status = useTranslations('activity')
  const { formats } = useLanguage()
  const search = useExplorerSearch()
  const navigate = useNavigate({ from: '/console/payments' })
  const list = useInfiniteQuery(explorerQuery(search))
  const groups = useQuery({ ...groupsQuery, enabled: useMay()('merchants.read') })
  const set = (part: Partial<Wanted>) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  const query = Object.entries(filtersOf(search)).map(([name, value]) => [name, String(value)])
  return (
    <Page
      title={t('payments')}
      actions={
        <Button component="a" href={`/v1/payments.csv?${new URLSearchParams(query)}`} download variant="default" leftSection={<IconDownload size={18} />}>
          {t('export')}
        </Button>
      }
    >
      <Allowed needs="payments.read">
        <FilterBar
          search={{ label: t('searchPayments'), value: search.text, change: (text) => set({ text }) }}
          filters={[
            { label: t('status'), value: search.status, change: (value) => set({ status: value as PaymentStatus | undefined }), options: STATUSES.map((value) => ({ value, label: status(value) })) },
            { label: t('category'), value: search.category, change: (category) => set({ category }), options: (groups.data ?? []).map(({ id, name }) => ({ value: id, label: name })) },
            ...(search.user_id === undefined
              ? []
              : [{ label: t('customer'), value: search.user_id, change: (user_id: string | undefined) => set({ user_id }), options: [{ value: search.user_id, label: tailOf(search.user_id) }] }]),
          ]}
        >
          <TextInput size="sm" type="date" aria-label={t('from')} value={search.opened_from ?? ''} onChange={(event) => set({ opened_from: event.currentTarget.value || undefined })} />
          <TextInput size="sm" type="date" aria-label={t('to')} value={search.opened_before ?? ''} onChange={(event) => set({ opened_before: event.currentTarget.value || undefined })} />
        </FilterBar>
        <Panel flush>
          <DataTable
            label={t('payments')}
            list={list}
            rowKey={({ id }) => id}
            to={({ id }) => ({ to: '/console/payments/$paymentId', params: { paymentId: id } })}
            empty={{ title: t('noPaymentsTitle'), text: t('noPaymentsText'), icon: <IconZoomQuestion size={28} /> }}
            columns={[
              {
                key: 'merchant',
                title: t('merchant'),
                width: 'minmax(0, 2fr)',
                cell: ({ merchant }) => (
                  <span className={styles['merchant']}>
                    <MerchantMark merchant={merchant} size={28} />
                    <bdi>{merchant.name}</bdi>
                  </span>
                ),
              },
              { key: 'opened', title: t('when'), width: '8.5rem', from: 'tablet', cell: (payment) => <span className="figures">{formatMoment(payment.opened_at, formats)}</span> },
              { key: 'card', title: t('card'), width: '5rem', from: 'desktop', cell: ({ last4 }) => <span className={styles['digits']}>{last4 ? `•• ${last4}` : '–'}</span> },
              { key: 'country', title: t('country'), width: '4rem', from: 'desktop', cell: ({ merchant }) => <span className={styles['digits']}>{merchant.country}</span> },
              { key: 'status', title: t('status'), width: '7rem', from: 'tablet', cell: (payment) => <Tag tone={STATUS_TONES[payment.status]}>{status(payment.status)}</Tag> },
              { key: 'amount', title: t('amount'), width: '7.5rem', align: 'end', cell: ({ amount, currency, status: state }) => (
                <span className={styles['sum']}>
                  <Money amount={amount} currency={currency} />
                  <span className={styles['narrow']}>
                    <Tag tone={STATUS_TONES[state]}>{status(state)}</Tag>
                  </span>
                </span>
              ) },
            ]}
          />
        </Panel>
      </Allowed>
    </Page>
  )
}
