/** The frame of the pages before somebody is signed in: the form, and beside it what the product is about. */
import { Text, Title } from '@mantine/core'
import { Outlet } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { useTranslations } from 'use-intl'

import { Wordmark } from '@/components/wordmark'

import styles from './auth.module.css'

// The form can be used before a language is chosen.
const Fan = lazy(() => import('./fan'))
const Languages = lazy(() => import('./languages'))

export function AuthLayout(): ReactNode {
  const t = useTranslations('auth')
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
        <Suspense fallback={<span className={styles['languages']} />}>
          <Languages />
        </Suspense>
      </main>
      <aside className={styles['aside']}>
        <div className={styles['fan']} aria-hidden>
          <Suspense>
            <Fan />
          </Suspense>
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
