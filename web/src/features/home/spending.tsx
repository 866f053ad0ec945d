import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { CSSProperties, ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { paymentsQuery, spendingQuery } from '@/api/queries'
import { hueOf } from '@/components/merchant-mark'
import { Money } from '@/components/money'
import { Panel } from '@/components/page'
import { useInfiniteQuery } from '@tanstack/react-query'

import styles from './home.module.css'

const MOST = 7
const WHOLE = 100

/** What was spent, by category: bars that are measured by the largest, and told in words and amounts. */
export function Spending(): ReactNode {
  const t = useTranslations('home')
  const { data } = useQuery(spendingQuery)
  const hues = useHues()
  const lines = data?.data.filter((line) => line.amount > 0).slice(0, MOST)
  const largest = Math.max(1, ...(lines ?? []).map((line) => line.amount))
  return (
    <Panel title={t('spending')} aside={<Text c="dimmed" size="sm">{t('spendingText')}</Text>}>
      {!data && <Skeleton h={120} />}
      {lines?.length === 0 && <Text c="dimmed">{t('noSpending')}</Text>}
      {data && lines !== undefined && lines.length > 0 && (
        <ul className={styles['bars']}>
          {lines.map((line) => {
            const share = Math.max(2, Math.round((line.amount / largest) * WHOLE))
            const bar = { '--share': `${share}%`, '--hue': hueOf(hues.get(line.key) ?? 'gray') } as CSSProperties
            return (
              <li key={line.key} style={bar}>
                <span className={styles['barName']}>
                  {line.name}
                  <small>{t('payments', { count: line.payments })}</small>
                </span>
                <strong>
                  <Money amount={line.amount} currency={data.currency} />
                </strong>
                <span className={styles['bar']} aria-hidden />
              </li>
            )
          })}
        </ul>
      )}
    </Panel>
  )
}

/** The colours of categories, as the payments at hand tell them. */
function useHues(): ReadonlyMap<string, string> {
  const { data } = useInfiniteQuery(paymentsQuery({}, 8))
  const payments = data?.pages.flatMap((page) => page.data) ?? []
  return new Map([...KNOWN, ...payments.map(({ merchant }) => [merchant.group, merchant.group_colour] as const)])
}

const KNOWN: readonly (readonly [string, string])[] = [
  ['groceries', 'green'],
  ['restaurants', 'orange'],
  ['software', 'teal'],
  ['transport', 'blue'],
  ['digital_goods', 'cyan'],
  ['lodging', 'violet'],
  ['airlines', 'sky'],
  ['electronics', 'zinc'],
  ['clothing', 'rose'],
  ['entertainment', 'purple'],
  ['fuel', 'yellow'],
  ['health', 'red'],
  ['advertising', 'pink'],
]
