/** The calm frame of setting up: how far one has come, the step, and a way to leave that loses nothing. */
import { useQueryClient } from '@tanstack/react-query'
import { Outlet, useLocation } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { useTranslations } from 'use-intl'

import { followChanges } from '@/api/live'
import { useSetUp } from '@/api/set-up'
import { ButtonLink } from '@/components/button-link'
import { ProgressSteps } from '@/components/progress-steps'
import { SkipLink } from '@/components/skip-link'
import { StepUp } from '@/components/step-up'
import { Wordmark } from '@/components/wordmark'

import styles from './set-up.module.css'

export function SetUpFrame(): ReactNode {
  const client = useQueryClient()
  useEffect(() => followChanges(client), [client])
  return (
    <StepUp>
      <SkipLink />
      <div className={styles['frame']}>
        <header className={styles['head']}>
          <div className={styles['bar']}>
            <span className={styles['brand']}>
              <Wordmark />
              Cardwright
            </span>
            <Leave />
          </div>
          <Header />
        </header>
        <main id="content" tabIndex={-1} className={styles['main']}>
          <Outlet />
        </main>
      </div>
    </StepUp>
  )
}

/** What is done is done: once nothing is missing there is nothing to put off. */
function Leave(): ReactNode {
  const t = useTranslations('setUp')
  return (
    useSetUp()?.next !== null && (
      <ButtonLink to="/" variant="subtle" size="sm">
        {t('later')}
      </ButtonLink>
    )
  )
}

function Header(): ReactNode {
  const t = useTranslations('setUp')
  const { pathname } = useLocation()
  const steps = useSetUp()?.steps ?? []
  return (
    <ProgressSteps
      steps={[
        { label: t('account'), isDone: true },
        ...steps.map(({ step, isDone, isReachable }) => {
          const to = `/set-up/${step}` as const
          return { label: t(step), isDone, isCurrent: pathname === to, to: isReachable ? to : undefined }
        }),
      ]}
    />
  )
}
