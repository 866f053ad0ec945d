import type { CSSProperties, ReactNode } from 'react'

import styles from './meter.module.css'
import type { Tone } from './tag'

const PERCENT = 100

/** A bar with its name and figure. The figure says it all; the bar lets figures be compared at a glance. */
export function Meter({
  name,
  part,
  said,
  aside,
  tone = 'good',
  span,
}: {
  name: ReactNode
  /** 0 to 1. */
  part: number
  said: ReactNode
  aside?: ReactNode
  tone?: Tone
  /** Where the true value lies, each 0 to 1. */
  span?: { low: number; high: number } | undefined
}): ReactNode {
  const lengths = {
    '--part': `${Math.max(0, Math.min(1, part)) * PERCENT}%`,
    ...(span ? { '--low': `${span.low * PERCENT}%`, '--width': `${(span.high - span.low) * PERCENT}%` } : {}),
  } as CSSProperties
  return (
    <div className={styles['row']} data-tone={tone}>
      <span className={styles['name']}>{name}</span>
      <span className={styles['track']} style={lengths} aria-hidden>
        <span className={styles['fill']} />
        {span && <span className={styles['span']} />}
      </span>
      <span className={styles['said']}>
        <bdi>{said}</bdi>
        {aside && <small>· {aside}</small>}
      </span>
    </div>
  )
}
