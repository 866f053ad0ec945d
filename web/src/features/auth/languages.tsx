import { SegmentedControl } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { type Locale, LOCALES } from '@/lib/catalogues'
import { LOCALE_NAMES, useLanguage } from '@/lib/i18n'

import styles from './auth.module.css'

/** The languages to choose from, before anybody is known. */
export default function Languages(): ReactNode {
  const t = useTranslations('app')
  const { locale, choose } = useLanguage()
  return (
    <SegmentedControl
      className={styles['languages']}
      size="sm"
      aria-label={t('language')}
      value={locale}
      onChange={(chosen) => choose(chosen as Locale)}
      data={LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value] }))}
    />
  )
}
