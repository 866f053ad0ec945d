import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import type { PaymentView } from '@/api/generated'
import { formatMoment, formatTime } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import { MerchantMark } from './merchant-mark'
import { Money } from './money'
import styles from './payment-row.module.css'
import { StatusBadge } from './status-badge'

/** A payment in one line, which leads to its page. `dated`: the day stands in the line, not above it. */
export function PaymentRow({ payment, dated = false }: { payment: PaymentView; dated?: boolean }): ReactNode {
  const { formats } = useLanguage()
  const when = dated ? formatMoment(payment.opened_at, formats) : formatTime(payment.opened_at, formats)
  return (
    <Link to="/payments/$paymentId" params={{ paymentId: payment.id }} className={styles['row']} data-status={payment.status}>
      <MerchantMark merchant={payment.merchant} />
      <span className={styles['words']}>
        <span className={styles['name']}>{payment.merchant.name}</span>
        <span className={styles['small']}>
          {when}
          {payment.last4 && (
            <span dir="ltr" className={styles['digits']}>
              •• {payment.last4}
            </span>
          )}
        </span>
      </span>
      <span className={styles['end']}>
        <span className={styles['amount']}>
          <Money amount={payment.amount} currency={payment.currency} />
        </span>
        {payment.status !== 'settled' && <StatusBadge status={payment.status} />}
      </span>
    </Link>
  )
}
