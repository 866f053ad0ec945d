/** A list that may be long, as a table: cursor pages come as one scrolls, and only what is near the window is drawn. */
import { Skeleton, UnstyledButton } from '@mantine/core'
import { IconListSearch } from '@tabler/icons-react'
import { Link, type LinkProps } from '@tanstack/react-router'
import { useWindowVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type KeyboardEvent, type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'

import styles from './data-table.module.css'
import { EmptyState, ErrorState } from './states'

const ROW_PX = 48
const BEFORE_THE_END = 15
const WAITING_ROWS = 8

export interface Column<Row> {
  key: string
  title: string
  cell: (row: Row) => ReactNode
  /** A track of a CSS grid; `minmax(0, 1fr)` unless told. */
  width?: string
  align?: 'end'
  /** Left out where the table has less room than that: 38rem for `tablet`, 58rem for `desktop`. */
  from?: 'tablet' | 'desktop'
}

/** What useInfiniteQuery gives for a list of the API. */
export interface CursorList<Row> {
  data: { pages: readonly { data: readonly Row[] }[] } | undefined
  error: unknown
  isPending: boolean
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => unknown
  refetch: () => unknown
}

interface Shape<Row> {
  /** What the table holds, for those who cannot see it. */
  label: string
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  /** Where a row leads to, */
  to?: (row: Row) => LinkProps
  /** or what it opens on this page. */
  open?: (row: Row) => void
  selected?: string | undefined
}

export function DataTable<Row>({
  list,
  empty,
  ...shape
}: Shape<Row> & { list: CursorList<Row>; empty?: { title: string; text: string; icon?: ReactNode } }): ReactNode {
  const t = useTranslations('shared')
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data])
  if (list.error && !list.data) {
    return <ErrorState error={list.error} retry={() => void list.refetch()} />
  }
  if (list.isPending) {
    return <Waiting {...shape} />
  }
  if (rows.length === 0) {
    const said = empty ?? { title: t('emptyTitle'), text: t('emptyText') }
    return <EmptyState title={said.title} text={said.text} icon={said.icon ?? <IconListSearch size={28} />} />
  }
  const more = () => {
    if (list.hasNextPage && !list.isFetchingNextPage) {
      void list.fetchNextPage()
    }
  }
  return <Rows {...shape} rows={rows} isWhole={!list.hasNextPage} more={more} />
}

/** A short list that is all there: the same table without pages. */
export function asList<Row>(query: { data: readonly Row[] | undefined; error: unknown; isPending: boolean; refetch: () => unknown }): CursorList<Row> {
  return {
    data: query.data && { pages: [{ data: query.data }] },
    error: query.error,
    isPending: query.isPending,
    refetch: query.refetch,
    hasNextPage: false,
    isFetchingNextPage: false,
    fetchNextPage: () => undefined,
  }
}

function Rows<Row>({ rows, isWhole, more, ...shape }: Shape<Row> & { rows: readonly Row[]; isWhole: boolean; more: () => void }): ReactNode {
  const { columns, label, rowKey } = shape
  const body = useRef<HTMLDivElement>(null)
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => setOffset(topOf(body.current)), [])
  // Another function would have all keys asked for again, with each frame that is scrolled.
  const getItemKey = useCallback((place: number) => rowKey(rows[place] as Row), [rows, rowKey])
  // Nothing here is memoized by a compiler.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollMargin: offset,
    getItemKey,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= rows.length - BEFORE_THE_END) {
      more()
    }
  }, [last, rows.length, more])
  return (
    <div role="table" aria-label={label} aria-rowcount={isWhole ? rows.length + 1 : -1} className={styles['table']} style={tracks(columns)}>
      <Head columns={columns} />
      <div
        ref={body}
        role="rowgroup"
        className={styles['body']}
        style={{ blockSize: virtual.getTotalSize() }}
      >
        {items.map((item) => (
          <div
            key={item.key}
            ref={virtual.measureElement}
            data-index={item.index}
            role="row"
            aria-rowindex={item.index + 2}
            className={styles['row']}
            data-selected={shape.selected === item.key || undefined}
            style={{ transform: `translateY(${item.start - offset}px)` }}
          >
            <Cells {...shape} row={rows[item.index] as Row} move={(event) => moveAlong(event, item.index, virtual, body.current)} />
          </div>
        ))}
      </div>
    </div>
  )
}

function Head<Row>({ columns }: { columns: readonly Column<Row>[] }): ReactNode {
  return (
    <div role="rowgroup" className={styles['head']}>
      <div role="row" aria-rowindex={1} className={styles['headRow']}>
        {columns.map(({ key, title, align, from }) => (
          <span key={key} role="columnheader" className={styles['cell']} data-align={align} data-from={from}>
            {title}
          </span>
        ))}
      </div>
    </div>
  )
}

/** The first cell carries what the row does; it reaches over the whole of the row. */
function Cells<Row>({
  row,
  move,
  columns,
  rowKey,
  to,
  open,
  selected,
}: Shape<Row> & { row: Row; move: (event: KeyboardEvent) => void }): ReactNode {
  const reach = {
    className: styles['reach'] ?? '',
    'data-row-link': true,
    onKeyDown: move,
    ...(selected === rowKey(row) ? { 'aria-current': true as const } : {}),
  }
  return columns.map(({ key, cell, align, from }, place) => (
    <span key={key} role="cell" className={styles['cell']} data-align={align} data-from={from}>
      {place > 0 || (!to && !open) ? (
        cell(row)
      ) : to ? (
        <Link {...to(row)} {...reach}>
          {cell(row)}
        </Link>
      ) : (
        <UnstyledButton {...reach} onClick={() => open?.(row)}>
          {cell(row)}
        </UnstyledButton>
      )}
    </span>
  ))
}

/** Arrows, j and k go from row to row, Home and End to the ends of what is there. */
function moveAlong(event: KeyboardEvent, at: number, virtual: Virtualizer<Window, Element>, body: HTMLElement | null): void {
  const goals: Record<string, number> = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: virtual.options.count - 1 }
  const goal = goals[event.key]
  if (goal === undefined || goal < 0 || goal >= virtual.options.count || event.metaKey || event.ctrlKey) {
    return
  }
  event.preventDefault()
  const focus = () => body?.querySelector<HTMLElement>(`[data-index="${goal}"] [data-row-link]`)
  const near = focus()
  if (near) {
    near.focus()
    return
  }
  virtual.scrollToIndex(goal)
  requestAnimationFrame(() => requestAnimationFrame(() => focus()?.focus()))
}

function Waiting<Row>({ label, columns }: Shape<Row>): ReactNode {
  const t = useTranslations('common')
  return (
    <div role="status" aria-label={`${label}: ${t('loading')}`} className={styles['table']} style={tracks(columns)}>
      {Array.from({ length: WAITING_ROWS }, (_, row) => (
        <div key={row} className={styles['waiting']}>
          {columns.map(({ key, from }) => (
            <span key={key} className={styles['cell']} data-from={from}>
              <Skeleton h={12} w={row % 2 ? '55%' : '70%'} />
            </span>
          ))}
        </div>
      ))}
    </div>
  )
}

function topOf(element: HTMLElement | null): number {
  return element ? element.getBoundingClientRect().top + window.scrollY : 0
}

/** The tracks of the grid, for each width of the window. */
function tracks<Row>(columns: readonly Column<Row>[]): CSSProperties {
  const of = (fits: (column: Column<Row>) => boolean) =>
    columns
      .filter((column) => fits(column))
      .map(({ width }) => width ?? 'minmax(0, 1fr)')
      .join(' ')
  return {
    '--desktop': of(() => true),
    '--tablet': of(({ from }) => from !== 'desktop'),
    '--phone': of(({ from }) => from === undefined),
  } as CSSProperties
}
