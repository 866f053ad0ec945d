/**
 * A queue of work: what narrows it, what waits, and what is chosen of it.
 *
 * All of it stands in the address, so that a link leads to the same and Back goes where one was.
 */
import { Button } from '@mantine/core'
import { type InfiniteData, type QueryKey, useInfiniteQuery, type UseInfiniteQueryOptions } from '@tanstack/react-query'
import { type LinkProps, useNavigate } from '@tanstack/react-router'
import { Fragment, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { Allowed } from './allowed'
import { type Column, DataTable } from './data-table'
import { FilterBar } from './filter-bar'
import { Page as Sheet, Panel } from './page'
import { SplitView } from './split-view'

interface Listed {
  data: { id: string }[]
  next_cursor: string | null
}

type Row<Page extends Listed> = Page['data'][number]

/** What the address of a queue may say. */
interface Wanted {
  open?: string | undefined
  mine?: true | undefined
  late?: true | undefined
}

/** Words that every queue has in its own part of the texts. */
type Word = 'title' | 'emptyTitle' | 'emptyText'

interface Shape<Page extends Listed, Key extends QueryKey, Search extends Wanted> {
  /** The permission that opens it. */
  needs: string
  words: (word: Word) => string
  icon: ReactNode
  search: Search
  query: UseInfiniteQueryOptions<Page, Error, InfiniteData<Page>, Key, string | null>
  columns: readonly Column<Row<Page>>[]
  /** Choices of one of several, by their names in the address. */
  choices: readonly { name: keyof Search; label: string; options: readonly { value: string; label: string }[] }[]
  /** How many are with whoever looks, and how many past their deadline; left out where nobody takes what waits. */
  counts?: { mine: number; overdue: number } | undefined
  /** What opens beside the list, */
  detail?: { of: (id: string) => ReactNode; nothing: { title: string; text: string } }
  /** or the page of its own that a row leads to. */
  to?: (row: Row<Page>) => LinkProps
}

export function Queue<Page extends Listed, Key extends QueryKey, Search extends Wanted>(shape: Shape<Page, Key, Search>): ReactNode {
  return (
    <Sheet title={shape.words('title')} wide>
      <Allowed needs={shape.needs}>
        <Desk {...shape} />
      </Allowed>
    </Sheet>
  )
}

function Desk<Page extends Listed, Key extends QueryKey, Search extends Wanted>({
  words,
  icon,
  search,
  query,
  columns,
  choices,
  counts,
  detail,
  to,
}: Shape<Page, Key, Search>): ReactNode {
  const t = useTranslations('queue')
  const navigate = useNavigate()
  const list = useInfiniteQuery(query)
  const change = (more: Partial<Search>) => void navigate({ to: '.', search: (before: object) => ({ ...before, ...more }), replace: true })
  const toggles = counts && ([['mine', counts.mine], ['late', counts.overdue]] as const)
  const table = (
    <Panel flush>
      <DataTable
        label={words('title')}
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        selected={search.open}
        to={to ?? (({ id }) => ({ to: '.', search: { ...search, open: id } }) as LinkProps)}
        empty={{ title: words('emptyTitle'), text: words('emptyText'), icon }}
      />
    </Panel>
  )
  return (
    <>
      <FilterBar
        filters={choices.map(({ name, ...choice }) => ({
          ...choice,
          value: search[name] as string | undefined,
          change: (value) => change({ [name]: value } as Partial<Search>),
        }))}
      >
        {toggles?.map(([name, count]) => (
          <Button
            key={name}
            size="sm"
            variant={search[name] ? 'light' : 'default'}
            aria-pressed={search[name] ?? false}
            onClick={() => change({ [name]: search[name] ? undefined : true } as Partial<Search>)}
          >
            {t(name, { count })}
          </Button>
        ))}
      </FilterBar>
      {detail ? (
        <SplitView
          list={table}
          detail={search.open === undefined ? null : <Fragment key={search.open}>{detail.of(search.open)}</Fragment>}
          close={() => change({ open: undefined } as Partial<Search>)}
          nothing={{ icon, ...detail.nothing }}
        />
      ) : (
        table
      )}
    </>
  )
}
