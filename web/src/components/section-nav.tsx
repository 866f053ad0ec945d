import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import styles from './section-nav.module.css'

export interface SectionPlace {
  to: NonNullable<LinkProps['to']>
  label: string
  /** The page at this address alone, not those below it. */
  exact?: boolean
}

/** The pages of one area, side by side above each of them. */
export function SectionNav({ label, places }: { label: string; places: readonly SectionPlace[] }): ReactNode {
  return (
    <nav className={styles['nav']} aria-label={label}>
      {places.map(({ to, label: name, exact = false }) => (
        <Link key={to} to={to} activeOptions={{ exact }} activeProps={{ 'aria-current': 'page' }}>
          {name}
        </Link>
      ))}
    </nav>
  )
}
