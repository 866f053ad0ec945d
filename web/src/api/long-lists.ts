/**
 * Lists that may have grown to thousands of pages, and change all the time.
 *
 * Whatever changes, an infinite query reads all its pages anew, one after the other. Here only the newest are, and those
 * with a row of which a hint said that it changed; the rows of the others are taken as they were read.
 */
import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query'

interface Row {
  id: string
}

interface ListPage<R extends Row> {
  data: R[]
  next_cursor: string | null
}

const READ_ANEW = 4
const changed = new Set<string>()
const everything = new WeakMap<object, { rows: readonly Row[]; places: ReadonlyMap<string, number> }>()

/** Let a row be read anew, however far down in a list it is. */
export function noteChange(id: string): void {
  changed.add(id)
}

/**
 * The page after a row, as it was read before; undefined where it has to be read. Cursors are ids of rows: however many
 * came in above since, the rows below one are found by it.
 */
export function pageAsRead<R extends Row>(client: QueryClient, key: QueryKey, cursor: string | null, limit: number): ListPage<R> | undefined {
  const kept = client.getQueryData<InfiniteData<ListPage<R>>>(key)
  if (!kept || cursor === null || kept.pages.length <= READ_ANEW) {
    return undefined
  }
  const { rows, places } = allOf(kept)
  const first = (places.get(cursor) ?? -1) + 1
  const data = rows.slice(first, first + limit) as R[]
  if (first < READ_ANEW * limit || data.length === 0 || data.some(({ id }) => changed.has(id))) {
    return undefined
  }
  const isLast = first + data.length === rows.length
  return { data, next_cursor: (isLast ? kept.pages.at(-1)?.next_cursor : data.at(-1)?.id) ?? null }
}

function allOf<R extends Row>(kept: InfiniteData<ListPage<R>>) {
  const known = everything.get(kept)
  if (known) {
    return known
  }
  const rows = kept.pages.flatMap(({ data }) => data)
  const made = { rows, places: new Map(rows.map(({ id }, place) => [id, place])) }
  everything.set(kept, made)
  return made
}
