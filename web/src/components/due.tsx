import type { ReactNode } from 'react'

import { formatDistance, formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { useNow } from '@/lib/now'

import { Tag } from './tag'

const SOON_MS = 4 * 3_600_000

/** How long there is until a deadline, or since; what is late or nearly so stands out. */
export function Due({ at }: { at: string }): ReactNode {
  const { formats } = useLanguage()
  const now = useNow()
  const left = new Date(at).getTime() - now.getTime()
  return (
    <Tag tone={left < 0 ? 'bad' : left < SOON_MS ? 'waiting' : 'plain'}>
      <time dateTime={at} title={formatMoment(at, formats)}>
        {formatDistance(at, formats, now)}
      </time>
    </Tag>
  )
}

/** How long ago something was. */
export function Ago({ at }: { at: string }): ReactNode {
  const { formats } = useLanguage()
  const now = useNow()
  return (
    <time dateTime={at} title={formatMoment(at, formats)}>
      {formatDistance(at, formats, now)}
    </time>
  )
}
