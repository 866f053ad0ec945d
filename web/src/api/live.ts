/** The stream of what changed (`/v1/me/stream`): one per window that is looked at, and queries are read anew by it. */
import type { QueryClient, QueryKey } from '@tanstack/react-query'

import { setLive } from './liveness'
import { noteChange } from './long-lists'
import { notificationsQuery, unreadQuery } from './queries'

const ADDRESS = '/v1/me/stream'
/** Changes come in bursts: what a payment touches is read once. */
const GATHERED_MS = 120
/** Browsers connect again by themselves; only what stays away longer counts as cut. */
const BORNE_MS = 4_000
const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 60_000

/** What to read anew, by the kind of a hint and the id of what changed. */
const CHANGED: Record<string, (id: string) => readonly QueryKey[]> = {
  'payment.changed': (id) => {
    noteChange(id)
    return [['payment', id], ['payments'], ['wallet'], ['cards'], ['statement']]
  },
  'card.changed': () => [['cards']],
  'challenge.changed': () => [['challenges']],
  'question.changed': () => [['questions']],
  'dispute.changed': () => [['disputes'], ['wallet'], ['statement']],
  'money.changed': () => [['wallet'], ['top-ups'], ['withdrawals'], ['payment-methods'], ['statement']],
  'identity.changed': () => [['identity'], ['documents']],
}

/** Follow what changes until the returned function is called. */
export function followChanges(client: QueryClient): () => void {
  let source: EventSource | null = null
  let isFirst = true
  let pause = FIRST_PAUSE_MS
  let again: ReturnType<typeof setTimeout> | undefined
  let cut: ReturnType<typeof setTimeout> | undefined
  const gathered = gather(client)

  const stop = () => {
    clearTimeout(again)
    clearTimeout(cut)
    source?.close()
    source = null
  }
  const isCut = () => {
    setLive(false)
    // Read once more, so that queries notice that they have to ask by themselves.
    void client.invalidateQueries()
  }
  const start = () => {
    stop()
    const opened = new EventSource(ADDRESS)
    source = opened
    opened.addEventListener('open', () => {
      clearTimeout(cut)
      pause = FIRST_PAUSE_MS
      setLive(true)
      if (!isFirst) {
        // What came while nobody listened is in no hint.
        void client.invalidateQueries()
      }
      isFirst = false
    })
    opened.addEventListener('error', () => {
      clearTimeout(cut)
      cut = setTimeout(isCut, BORNE_MS)
      if (opened.readyState === EventSource.CLOSED) {
        again = setTimeout(start, pause)
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
      }
    })
    opened.addEventListener('end', () => {
      stop()
      setLive(false)
      void client.invalidateQueries()
    })
    opened.addEventListener('reload', () => void client.invalidateQueries())
    opened.addEventListener('notification', () => gathered([notificationsQuery.queryKey]))
    opened.addEventListener('unread', ({ data }: MessageEvent<string>) => {
      client.setQueryData(unreadQuery.queryKey, (JSON.parse(data) as { unread: number }).unread)
      gathered([notificationsQuery.queryKey])
    })
    for (const [kind, keysOf] of Object.entries(CHANGED)) {
      opened.addEventListener(kind, ({ data }: MessageEvent<string>) =>
        gathered(keysOf((JSON.parse(data) as { id: string }).id)),
      )
    }
  }
  // Browsers bear few connections to one server: a window that nobody looks at holds none.
  const look = () => {
    if (document.hidden) {
      stop()
      setLive(false)
    } else {
      start()
    }
  }

  document.addEventListener('visibilitychange', look)
  look()
  return () => {
    document.removeEventListener('visibilitychange', look)
    stop()
    setLive(false)
  }
}

function gather(client: QueryClient): (keys: readonly QueryKey[]) => void {
  const waiting = new Map<string, QueryKey>()
  let timer: ReturnType<typeof setTimeout> | undefined
  return (keys) => {
    for (const key of keys) {
      waiting.set(JSON.stringify(key), key)
    }
    timer ??= setTimeout(() => {
      timer = undefined
      const due = [...waiting.values()]
      waiting.clear()
      for (const queryKey of due) {
        void client.invalidateQueries({ queryKey })
      }
    }, GATHERED_MS)
  }
}
