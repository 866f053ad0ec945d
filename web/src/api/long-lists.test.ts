import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query'
import { expect, test } from 'vitest'

import { noteChange, pageAsRead } from './long-lists'

const LIMIT = 2
const KEY = ['rows']

/** A list of the newest first, and how often a page of it was asked for. */
function listOf(count: number) {
  const rows = Array.from({ length: count }, (_, number) => ({ id: String(1000 + count - number), told: 'as it was' }))
  type Page = { data: typeof rows; next_cursor: string | null }
  const asked: (string | null)[] = []
  const client = new QueryClient()
  const observer = new InfiniteQueryObserver(client, {
    queryKey: KEY,
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.next_cursor,
    queryFn: ({ pageParam }): Page => {
      const read = pageAsRead<(typeof rows)[number]>(client, KEY, pageParam, LIMIT)
      if (read) {
        return read
      }
      asked.push(pageParam)
      const first = rows.findIndex(({ id }) => id === pageParam) + 1
      const data = rows.slice(first, first + LIMIT)
      return { data, next_cursor: first + LIMIT < rows.length ? (data.at(-1)?.id ?? null) : null }
    },
  })
  const shown = () => observer.getCurrentResult().data?.pages.flatMap(({ data }) => data) ?? []
  const readAll = async () => {
    while ((await observer.fetchNextPage()).hasNextPage) {
      // until the end
    }
  }
  return { rows, asked, observer, shown, readAll }
}

test('of a long list that changed only the newest pages are read anew, and nothing is lost', async () => {
  const { rows, asked, observer, shown, readAll } = listOf(41)
  await readAll()
  expect(asked).toHaveLength(21)
  asked.length = 0
  rows.unshift({ id: '2000', told: 'new' })
  await observer.refetch()
  expect(asked.length).toBeLessThanOrEqual(6)
  expect(shown()).toEqual(rows)
})

test('a row far down is read anew when a hint names it', async () => {
  const { rows, observer, shown, readAll } = listOf(40)
  await readAll()
  rows[33] = { id: rows[33]?.id ?? '', told: 'otherwise' }
  await observer.refetch()
  expect(shown()[33]?.told).toBe('as it was')
  noteChange(rows[33].id)
  await observer.refetch()
  expect(shown()).toEqual(rows)
})

test('a short list is read anew as a whole', async () => {
  const { asked, observer, readAll } = listOf(8)
  await readAll()
  asked.length = 0
  await observer.refetch()
  expect(asked).toHaveLength(4)
})
