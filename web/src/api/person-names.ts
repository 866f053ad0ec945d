import { useQuery } from '@tanstack/react-query'

import { answer } from './client'
import { listUsers } from './generated'
import { useMay } from './may'

/** What one request asks for at most. */
const MOST = 100
/** A list shows its rows within one frame: whoever is asked for in it is asked for together. */
const TOGETHER_MS = 20
const KNOWN_FOR_MS = 5 * 60_000

type Told = { tell: (name: string | null) => void; fail: (error: unknown) => void }

const waiting = new Map<string, Told[]>()

/** What somebody told us they are called, by their id, for those whose role may read people; undefined until it is known. */
export function usePersonName(id: string, isWanted = true): string | undefined {
  const may = useMay()
  const { data } = useQuery({
    queryKey: ['person-name', id],
    queryFn: () => ask(id),
    enabled: isWanted && may('users.read'),
    staleTime: KNOWN_FOR_MS,
  })
  return data ?? undefined
}

function ask(id: string): Promise<string | null> {
  return new Promise((tell, fail) => {
    if (waiting.size === 0) {
      setTimeout(send, TOGETHER_MS)
    }
    waiting.set(id, [...(waiting.get(id) ?? []), { tell, fail }])
  })
}

function send(): void {
  const asked = [...waiting]
  waiting.clear()
  for (let begin = 0; begin < asked.length; begin += MOST) {
    void sendSome(asked.slice(begin, begin + MOST))
  }
}

async function sendSome(asked: [string, Told[]][]): Promise<void> {
  try {
    const found = await answer(listUsers({ query: { id: asked.map(([id]) => id), limit: MOST } }))
    const names = new Map(found.data.map((somebody) => [somebody.id, somebody.profile?.full_name ?? null]))
    for (const [id, all] of asked) {
      all.forEach(({ tell }) => tell(names.get(id) ?? null))
    }
  } catch (error) {
    asked.forEach(([, all]) => all.forEach(({ fail }) => fail(error)))
  }
}
