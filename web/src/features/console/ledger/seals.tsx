import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { getJournalSeals } from '@/api/generated'
import { Seals } from '@/components/seals'

import styles from './ledger.module.css'
import { LedgerPage } from './section'

export function JournalSeals(): ReactNode {
  const t = useTranslations('operations')
  return (
    <LedgerPage title={t('seals')}>
      <p className={styles['dim']}>{t('sealsText')}</p>
      <Seals name="journal" read={(recompute) => answer(getJournalSeals({ query: { recompute } }))} />
    </LedgerPage>
  )
}
