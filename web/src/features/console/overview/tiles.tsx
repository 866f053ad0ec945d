import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { OverviewView } from '@/api/generated'
import { useLanguage } from '@/lib/i18n'
import { formatMoney } from '@/lib/money'

import styles from './overview.module.css'

const MS = 1_000

/** The five figures that one looks at first. */
export function Tiles({ figures }: { figures: OverviewView }): ReactNode {
  const t = useTranslations('overview')
  const { formats } = useLanguage()
  const decided = figures.approved + figures.declined
  const seconds = figures.bucket_seconds
  const last = figures.traffic.at(-1)
  const peak = Math.max(0, ...figures.traffic.map(({ approved, declined }) => approved + declined)) / seconds
  const rate = new Intl.NumberFormat(formats, { maximumFractionDigits: 2 })
  const share = new Intl.NumberFormat(formats, { style: 'percent', maximumFractionDigits: 1 })
  const whole = new Intl.NumberFormat(formats)
  const total = figures.stages.find(({ name }) => name === 'total')
  const ms = (micros: number | undefined) => (micros === undefined ? '–' : t('ms', { value: rate.format(micros / MS) }))
  const [fraud] = figures.fraud
  const tiles = [
    {
      name: t('perSecond'),
      value: rate.format(((last?.approved ?? 0) + (last?.declined ?? 0)) / seconds),
      small: t('peak', { rate: rate.format(peak) }),
    },
    {
      name: t('approvalRate'),
      value: decided === 0 ? '–' : share.format(figures.approved / decided),
      small: t('decided', { count: whole.format(decided) }),
    },
    { name: t('p99'), value: ms(total?.p99_us), small: t('p50', { value: ms(total?.p50_us) }) },
    {
      name: t('fraud'),
      value: fraud ? formatMoney(fraud.amount, fraud.currency, formats) : whole.format(0),
      small: t('fraudCases', { count: figures.fraud.reduce((sum, { count }) => sum + count, 0) }),
    },
    {
      name: t('unanswered'),
      value: whole.format(figures.answered_by_network),
      small: t('unansweredText'),
      isBad: figures.answered_by_network > 0,
    },
  ]
  return (
    <dl className={styles['tiles']}>
      {tiles.map(({ name, value, small, isBad }) => (
        <div key={name} data-bad={isBad || undefined}>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
            <small>{small}</small>
          </dd>
        </div>
      ))}
    </dl>
  )
}
