import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import styles from './skip-link.module.css'

/** The first thing that the keyboard reaches: past what every page has, to what this one is about. */
export function SkipLink(): ReactNode {
  const t = useTranslations('app')
  return (
    <a href="#content" className={styles['skip']}>
      {t('skip')}
    </a>
  )
}
