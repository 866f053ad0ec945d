import { Button, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconDownload, IconReceipt, IconSearch, IconZoomQuestion } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'

import type { PaymentStatus, PaymentView } from '@/api/generated'
import { cardsQuery, paymentsQuery } from '@/api/queries'
import { Page, Panel } from '@/components/page'
import { PaymentRow } from '@/components/payment-row'
import { EmptyState, ErrorState, ListSkeleton } from '@/components/states'
import { useLanguage } from '@/lib/i18n'

import styles from './activity.module.css'
import { rememberedLines } from './day-lines'

const STATUSES = ['pending', 'settled', 'declined', 'voided', 'expired'] as const satisfies PaymentStatus[]
const TYPING_MS = 250
const ROW_PX = 64
const DAY_PX = 44
const BEFORE_THE_END = 12

export function Activity(): ReactNode {
  const t = useTranslations('activity')
  const search = useSearch({ from: '/holder/activity' })
  const navigate = useNavigate({ from: '/activity' })
  const [typed, setTyped] = useState(search.text ?? '')
  const [text] = useDebouncedValue(typed, TYPING_MS)
  useEffect(() => {
    void navigate({ search: (before) => ({ ...before, text: text || undefined }), replace: true })
  }, [text, navigate])
  const cards = useQuery(cardsQuery).data
  const query = useInfiniteQuery(paymentsQuery({ text, status: search.status, card_id: search.card }))
  const pages = useMemo(() => query.data?.pages.map((page) => page.data) ?? [], [query.data])
  const isEmpty = pages.every((page) => page.length === 0)
  const isFiltered = text !== '' || search.status !== undefined || search.card !== undefined
  const clear = () => {
    setTyped('')
    void navigate({ search: {} })
  }
  return (
    <Page
      title={t('title')}
      actions={
        <Button component="a" href="/v1/payments.csv" download variant="default" leftSection={<IconDownload size={18} />}>
          {t('export')}
        </Button>
      }
    >
      <div className={styles['filters']} role="search">
        <TextInput
          aria-label={t('search')}
          placeholder={t('search')}
          type="search"
          leftSection={<IconSearch size={18} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Select
          aria-label={t('status')}
          placeholder={t('any')}
          clearable
          value={search.status ?? null}
          data={STATUSES.map((value) => ({ value, label: t(value) }))}
          onChange={(status) =>
            void navigate({ search: (before) => ({ ...before, status: (status as PaymentStatus | null) ?? undefined }) })
          }
        />
        <Select
          aria-label={t('card')}
          placeholder={t('anyCard')}
          clearable
          value={search.card ?? null}
          data={(cards ?? []).map(({ id, label, last4 }) => ({ value: id, label: last4 ? `${label} •• ${last4}` : label }))}
          onChange={(card) => void navigate({ search: (before) => ({ ...before, card: card ?? undefined }) })}
        />
      </div>
      <Panel flush>
        {query.error && !query.data && <ErrorState error={query.error} retry={() => void query.refetch()} />}
        {query.isPending && <ListSkeleton rows={10} />}
        {query.data && isEmpty && isFiltered && (
          <EmptyState
            icon={<IconZoomQuestion size={28} />}
            title={t('noMatchTitle')}
            text={t('noMatchText')}
            action={
              <Button variant="default" onClick={clear}>
                {t('clear')}
              </Button>
            }
          />
        )}
        {query.data && isEmpty && !isFiltered && (
          <EmptyState icon={<IconReceipt size={28} />} title={t('emptyTitle')} text={t('emptyText')} />
        )}
        {!isEmpty && (
          <List
            pages={pages}
            more={() => {
              if (query.hasNextPage && !query.isFetchingNextPage) {
                void query.fetchNextPage()
              }
            }}
          />
        )}
      </Panel>
    </Page>
  )
}

/** Days and their payments; only what is near the window is in the document, however long the list grows. */
function List({ pages, more }: { pages: readonly (readonly PaymentView[])[]; more: () => void }): ReactNode {
  const t = useTranslations('activity')
  const { formats } = useLanguage()
  const linesOf = useMemo(() => rememberedLines(), [])
  const lines = useMemo(() => linesOf(pages, formats, new Date()), [linesOf, pages, formats])
  const list = useRef<HTMLDivElement>(null)
  const [offset, setOffset] = useState(0)
  useEffect(() => setOffset(list.current?.offsetTop ?? 0), [])
  // Nothing here is memoized by a compiler.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useWindowVirtualizer({
    count: lines.length,
    estimateSize: (place) => ('day' in (lines[place] ?? {}) ? DAY_PX : ROW_PX),
    overscan: 8,
    scrollMargin: offset,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= lines.length - BEFORE_THE_END) {
      more()
    }
  }, [last, lines.length, more])
  return (
    <div ref={list} role="list" aria-label={t('list')} className={styles['list']} style={{ blockSize: virtual.getTotalSize() }}>
      {items.map((item) => {
        const line = lines[item.index]
        return (
          line && (
            <div
              key={item.key}
              role="listitem"
              className={styles['line']}
              style={{ transform: `translateY(${item.start - offset}px)` }}
            >
              {'day' in line ? <h2 className={styles['day']}>{line.day}</h2> : <PaymentRow payment={line.payment} />}
            </div>
          )
        )
      })}
    </div>
  )
}
