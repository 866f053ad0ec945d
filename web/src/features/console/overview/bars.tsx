import type { CSSProperties, ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { OverviewView } from '@/api/generated'
import { useLanguage } from '@/lib/i18n'
import { wordOf } from '@/lib/words'

import styles from './overview.module.css'

const MS = 1_000
const WHOLE = 100

interface Bar {
  key: string
  name: string
  share: number
  value: string
  small?: string
}

function Bars({ bars, label, empty, tone = 'plain' }: { bars: readonly Bar[]; label: string; empty: string; tone?: 'plain' | 'bad' }): ReactNode {
  if (bars.length === 0) {
    return <p className={styles['quiet']}>{empty}</p>
  }
  return (
    <ul className={styles['bars']} aria-label={label} data-tone={tone}>
      {bars.map(({ key, name, share, value, small }) => (
        <li key={key}>
          <span className={styles['barName']}>{name}</span>
          <span className={styles['barValue']}>
            <bdi>{value}</bdi>
            {small && <small>{small}</small>}
          </span>
          <span className={styles['track']} style={{ '--share': `${share * WHOLE}%` } as CSSProperties} aria-hidden />
        </li>
      ))}
    </ul>
  )
}

/** Why authorizations were declined. */
export function Declines({ figures }: { figures: OverviewView }): ReactNode {
  const t = useTranslations('overview')
  const reasons = useTranslations('overview.reasons')
  const { formats } = useLanguage()
  const most = Math.max(1, ...figures.declines.map(({ count }) => count))
  const whole = new Intl.NumberFormat(formats)
  return (
    <Bars
      label={t('declines')}
      tone="bad"
      empty={t('noDeclines')}
      bars={figures.declines.map(({ code, count }) => ({ key: code, name: wordOf(reasons, code), share: count / most, value: whole.format(count) }))}
    />
  )
}

/** Where the time of a decision goes: the bar is p99, its number beside the median. */
export function Stages({ figures }: { figures: OverviewView }): ReactNode {
  const t = useTranslations('overview')
  const names = useTranslations('overview.stageNames')
  const { formats } = useLanguage()
  const most = Math.max(1, ...figures.stages.map(({ p99_us: p99 }) => p99))
  const rate = new Intl.NumberFormat(formats, { maximumFractionDigits: 2 })
  const ms = (micros: number) => t('ms', { value: rate.format(micros / MS) })
  return (
    <Bars
      label={t('stages')}
      empty={t('noStages')}
      bars={figures.stages.map(({ name, p50_us: p50, p99_us: p99 }) => ({
        key: name,
        name: wordOf(names, name),
        share: p99 / most,
        value: ms(p99),
        small: t('p50', { value: ms(p50) }),
      }))}
    />
  )
}
