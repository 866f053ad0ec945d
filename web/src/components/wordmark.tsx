import type { ReactNode } from 'react'

/** The mark: two arcs, one within the other. */
export function Wordmark({ size = 26 }: { size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" strokeLinecap="round" aria-hidden>
      <path d="M23.5 9.4a9.6 9.6 0 1 0 0 13.2" stroke="currentColor" strokeWidth="3.2" />
      <path d="M19.4 12.8a4.6 4.6 0 1 0 0 6.4" stroke="currentColor" strokeWidth="2.6" opacity="0.62" />
    </svg>
  )
}
