import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { PaymentStatus } from '@/api/generated'

import styles from './status-badge.module.css'

/** The state of a payment, told by words; colour only helps. */
export function StatusBadge({ status }: { status: PaymentStatus }): ReactNode {
  const t = useTranslations('activity')
  return (
    <span className={styles['badge']} data-status={status}>
      {t(status)}
    </span>
  )
}
