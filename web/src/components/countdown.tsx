import { type ReactNode, useEffect, useState } from 'react'

const SECOND_MS = 1_000
const MINUTE_SECONDS = 60
const HOUR_MINUTES = 60

/** Seconds until an instant, never below zero; counted every second while it lies ahead. */
export function useSecondsUntil(instant: string): number {
  const until = new Date(instant).getTime()
  const [now, setNow] = useState(() => Date.now())
  const left = Math.max(0, Math.ceil((until - now) / SECOND_MS))
  useEffect(() => {
    if (left === 0) {
      return
    }
    const timer = setInterval(() => setNow(Date.now()), SECOND_MS)
    return () => clearInterval(timer)
  }, [left])
  return left
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** The time that is left as a clock shows it; screen readers are not told every second. */
export function Clock({ seconds }: { seconds: number }): ReactNode {
  const minutes = Math.floor(seconds / MINUTE_SECONDS)
  const hours = Math.floor(minutes / HOUR_MINUTES)
  const written =
    hours > 0
      ? `${hours}:${two(minutes % HOUR_MINUTES)}:${two(seconds % MINUTE_SECONDS)}`
      : `${minutes}:${two(seconds % MINUTE_SECONDS)}`
  return (
    <bdi dir="ltr" className="figures" role="timer">
      {written}
    </bdi>
  )
}
