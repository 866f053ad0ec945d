/** The stream of events, which is read from the oldest on and in pages. */
import { answer } from './client'
import { type EventView, listEvents } from './generated'

const PAGE = 100
const MOST_PAGES = 5

/** What happened since an instant, of some types or any, the newest first; of very much, the oldest five hundred. */
export async function eventsSince(since: string, types: readonly string[] = []): Promise<EventView[]> {
  const found: EventView[] = []
  let after: string | null = null
  for (let page = 0; page < MOST_PAGES; page += 1) {
    // Each page begins where the one before it ended.
    // oxlint-disable-next-line eslint/no-await-in-loop
    const read: Awaited<ReturnType<typeof readPage>> = await readPage(since, types, after)
    found.push(...read.data)
    if (!read.has_more) {
      break
    }
    after = read.cursor
  }
  return found.toReversed()
}

function readPage(since: string, types: readonly string[], after: string | null) {
  return answer(
    listEvents({
      query: { since, limit: PAGE, ...(types.length > 0 ? { types: [...types] } : {}), ...(after === null ? {} : { after }) },
    }),
  )
}
