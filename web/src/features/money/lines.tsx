import { Link } from '@tanstack/react-router'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'

import type { CardwrightStatementsApiStatementView as Statement, LineView } from '@/api/generated'
import { Money } from '@/components/money'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import styles from './money.module.css'

const LINE_PX = 64

/** Every posting of a month, the newest first; a month may have thousands, and only those in view are in the page. */
export function Lines({ statement }: { statement: Statement }): ReactNode {
  const t = useTranslations('money')
  const lines = statement.lines.toReversed()
  const list = useRef<HTMLDivElement>(null)
  const [offset, setOffset] = useState(0)
  useEffect(() => setOffset(list.current?.offsetTop ?? 0), [])
  // Nothing here is memoized by a compiler.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useWindowVirtualizer({
    count: lines.length,
    estimateSize: () => LINE_PX,
    overscan: 8,
    scrollMargin: offset,
  })
  return (
    <div ref={list} role="list" aria-label={t('lines')} className={styles['lines']} style={{ blockSize: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map((item) => {
        const line = lines[item.index]
        return (
          line && (
            <div
              key={item.key}
              role="listitem"
              className={styles['lineAt']}
              style={{ transform: `translateY(${item.start - offset}px)` }}
            >
              <Line line={line} currency={statement.currency} />
            </div>
          )
        )
      })}
    </div>
  )
}

function Line({ line, currency }: { line: LineView; currency: string }): ReactNode {
  const t = useTranslations('money')
  const { formats } = useLanguage()
  const said = (
    <>
      <span className={styles['moveWords']}>
        <span>
          <bdi>{line.description}</bdi>
        </span>
        <small>
          {formatMoment(line.posted_at, formats)}
          {line.last4 && (
            <>
              {' · '}
              <bdi dir="ltr">•• {line.last4}</bdi>
            </>
          )}
        </small>
      </span>
      <span className={styles['moveEnd']}>
        <strong>
          <Money amount={line.amount} currency={currency} signed />
        </strong>
        <small>
          <span className="hidden">{t('balanceAfter')}: </span>
          <Money amount={line.balance} currency={currency} />
        </small>
      </span>
    </>
  )
  return line.payment_id === null ? (
    <div className={styles['move']}>{said}</div>
  ) : (
    <Link to="/payments/$paymentId" params={{ paymentId: line.payment_id }} className={styles['move']}>
      {said}
    </Link>
  )
}
