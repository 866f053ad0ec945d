import type { ReactNode } from 'react'

import styles from './two-lines.module.css'

/** A cell of two lines: what it is, and below, smaller, what there is to know about it. */
export function TwoLines({ children, under }: { children: ReactNode; under: ReactNode }): ReactNode {
  return (
    <span className={styles['lines']}>
      <span>{children}</span>
      <small>{under}</small>
    </span>
  )
}

/** The same at the end of a row: an amount and what became of it. */
export function EndLines({ children }: { children: ReactNode }): ReactNode {
  return (
    <span className={styles['lines']} data-end>
      {children}
    </span>
  )
}
