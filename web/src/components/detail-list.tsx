import type { ReactNode } from 'react'

import styles from './detail-list.module.css'

/** Facts by name. `rows` gives [name, value], and a key where names repeat; nothing as value leaves a row out. */
export function DetailList({
  rows,
  stacked = false,
}: {
  rows: readonly (readonly [string, ReactNode, string?])[]
  /** Names above their values, several side by side where there is room. */
  stacked?: boolean
}): ReactNode {
  return (
    <dl className={styles['list']} data-stacked={stacked || undefined}>
      {rows
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([name, value, key]) => (
          <div key={key ?? name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
