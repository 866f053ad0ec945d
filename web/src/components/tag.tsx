import type { ReactNode } from 'react'

import styles from './tag.module.css'

export type Tone = 'plain' | 'good' | 'waiting' | 'bad'

/** A state in one or two words; its colour only helps. */
export function Tag({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }): ReactNode {
  return (
    <span className={styles['tag']} data-tone={tone}>
      {children}
    </span>
  )
}
