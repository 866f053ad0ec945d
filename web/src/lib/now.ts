import { useEffect, useState } from 'react'

const AGAIN_MS = 30_000

/** The present, looked at again twice a minute: what is told from it does not grow stale on an open page. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), AGAIN_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}
