import type { ReactNode } from 'react'

import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import type { Tone } from './tag'
import styles from './timeline.module.css'

export interface Happening {
  key: string
  /** An instant, ISO 8601. */
  at: string
  what: ReactNode
  detail?: ReactNode
  tone?: Tone
}

/** What happened, in order; the caller decides whether the newest comes first. */
export function Timeline({ happenings, label }: { happenings: readonly Happening[]; label: string }): ReactNode {
  const { formats } = useLanguage()
  return (
    <ol className={styles['line']} aria-label={label}>
      {happenings.map(({ key, at, what, detail, tone = 'plain' }) => (
        <li key={key} data-tone={tone}>
          <span className={styles['what']}>{what}</span>
          <time dateTime={at}>{formatMoment(at, formats)}</time>
          {detail && <div className={styles['detail']}>{detail}</div>}
        </li>
      ))}
    </ol>
  )
}
