/** The frame of the pages before somebody is signed in: the form, and beside it what the product is about. */
import { SegmentedControl, Text, Title } from '@mantine/core'
import { Outlet } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { CardFace, type Shown } from '@/components/card-face'
import { Wordmark } from '@/components/wordmark'
import { type Locale, LOCALES } from '@/lib/catalogues'
import { LOCALE_NAMES, useLanguage } from '@/lib/i18n'

import styles from './auth.module.css'

const NEVER_ISSUED = { state: 'active', exp_month: 4, exp_year: 2031 } as const
const SHOWN: Shown[] = [
  { ...NEVER_ISSUED, id: 'first', label: 'Everyday', last4: '4021', colour: 'evergreen' },
  { ...NEVER_ISSUED, id: 'second', label: 'Streaming', last4: '7716', colour: 'violet' },
  { ...NEVER_ISSUED, id: 'third', label: 'Lisbon', last4: '0938', colour: 'orange' },
]

export function AuthLayout(): ReactNode {
  const t = useTranslations('auth')
  const app = useTranslations('app')
  const { locale, choose } = useLanguage()
  return (
    <div className={styles['layout']}>
      <main className={styles['main']} id="content">
        <div className={styles['brand']}>
          <Wordmark />
          Cardwright
        </div>
        <div className={styles['form']}>
          <Outlet />
        </div>
        <SegmentedControl
          className={styles['languages']}
          size="sm"
          aria-label={app('language')}
          value={locale}
          onChange={(chosen) => choose(chosen as Locale)}
          data={LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value] }))}
        />
      </main>
      <aside className={styles['aside']}>
        <div className={styles['fan']} aria-hidden>
          {SHOWN.map((card) => (
            <div key={card.id} className={styles['fanned']}>
              <CardFace card={card} decorative />
            </div>
          ))}
        </div>
        <div className={styles['promise']}>
          <Title order={2} className={styles['promiseTitle']}>
            {t('promise')}
          </Title>
          <Text className={styles['promiseText']}>{t('promiseText')}</Text>
        </div>
      </aside>
    </div>
  )
}
