import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { OverviewView } from '@/api/generated'
import { formatMoment, formatTime } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import styles from './overview.module.css'

const HEIGHT = 200
const WIDTH = 720
const GAP = 2
const DAY_SECONDS = 86_400
const LINES = 4

/** Authorizations by time: approved below, declined on top of them. Time goes the way that the language is read. */
export function Traffic({ figures }: { figures: OverviewView }): ReactNode {
  const t = useTranslations('overview')
  const { formats } = useLanguage()
  const { traffic } = figures
  const most = niceAbove(Math.max(1, ...traffic.map(({ approved, declined }) => approved + declined)))
  const step = WIDTH / traffic.length
  const tall = (count: number) => (count / most) * HEIGHT
  const isLong = figures.bucket_seconds * traffic.length > DAY_SECONDS
  const when = (at: string) => (isLong ? formatMoment(at, formats) : formatTime(at, formats))
  const marks = [0, Math.floor(traffic.length / 2), traffic.length - 1].map((place) => traffic[place]?.at)
  const name = t('trafficSaid', { approved: figures.approved, declined: figures.declined })
  return (
    <figure className={styles['chart']}>
      <div className={styles['plot']}>
        <span className={styles['scale']} aria-hidden>
          {Array.from({ length: LINES + 1 }, (_, line) => (
            <span key={line} className="figures">
              {(most * (LINES - line)) / LINES}
            </span>
          ))}
        </span>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={name}>
          {Array.from({ length: LINES + 1 }, (_, line) => (
            <line key={line} x1={0} x2={WIDTH} y1={(HEIGHT * line) / LINES} y2={(HEIGHT * line) / LINES} className={styles['line']} />
          ))}
          {traffic.map(({ at, approved, declined }, place) => (
            <g key={at}>
              <title>{t('bucket', { when: when(at), approved, declined })}</title>
              <rect className={styles['approved']} x={place * step + GAP / 2} width={step - GAP} y={HEIGHT - tall(approved)} height={tall(approved)} />
              <rect className={styles['declined']} x={place * step + GAP / 2} width={step - GAP} y={HEIGHT - tall(approved + declined)} height={tall(declined)} />
            </g>
          ))}
        </svg>
      </div>
      <div className={styles['marks']} aria-hidden>
        {marks.map((at) => at && <span key={at}>{when(at)}</span>)}
      </div>
      <figcaption className={styles['legend']}>
        <span data-kind="approved">{t('approved')}</span>
        <span data-kind="declined">{t('declined')}</span>
      </figcaption>
    </figure>
  )
}

/** The next number that is easily divided by four. */
function niceAbove(value: number): number {
  const steps = [4, 8, 12, 20, 40, 60, 80]
  for (let scale = 1; ; scale *= 10) {
    const found = steps.find((step) => step * scale >= value)
    if (found !== undefined) {
      return found * scale
    }
  }
}
