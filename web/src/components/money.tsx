import type { ReactNode } from 'react'

import { useLanguage } from '@/lib/i18n'
import { formatMoney, moneyParts, type MoneyStyle } from '@/lib/money'

import styles from './money.module.css'

/** An amount in minor units, in the reader's language; its digits are as wide as each other. */
export function Money({
  amount,
  currency,
  ...style
}: { amount: number; currency: string } & MoneyStyle): ReactNode {
  const { formats } = useLanguage()
  return (
    <bdi className={styles['money']}>{formatMoney(amount, currency, formats, style)}</bdi>
  )
}

/** The amount that a page is about: its symbol and its small digits stand back. */
export function BigMoney({ amount, currency }: { amount: number; currency: string }): ReactNode {
  const { formats } = useLanguage()
  const quiet = new Set(['currency', 'decimal', 'fraction', 'literal'])
  return (
    <bdi dir="ltr" className={styles['big']} data-testid="big-money">
      {moneyParts(amount, currency, formats).map((part, place) => (
        // The parts of one amount never change places.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={place} className={quiet.has(part.type) ? styles['quiet'] : undefined}>
          {part.value}
        </span>
      ))}
    </bdi>
  )
}
