import { useCallback, useRef } from 'react'

type Headers = { 'Idempotency-Key': string }

/** One key for one intent: kept while it is tried again, replaced as soon as it has succeeded. */
export function useIntent(): { headers: () => Headers; fulfilled: () => void } {
  const key = useRef<string | null>(null)
  const headers = useCallback((): Headers => {
    key.current ??= crypto.randomUUID()
    return { 'Idempotency-Key': key.current }
  }, [])
  const fulfilled = useCallback(() => {
    key.current = null
  }, [])
  return { headers, fulfilled }
}

/** The header for an intent that is never tried again by hand. */
export function once(): Headers {
  return { 'Idempotency-Key': crypto.randomUUID() }
}
