import { IconCheck } from '@tabler/icons-react'
import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import styles from './progress-steps.module.css'

export interface ProgressStep {
  label: string
  isDone: boolean
  isCurrent?: boolean
  /** Left out for what cannot be opened yet, or any more. */
  to?: LinkProps['to'] | undefined
}

/** How far somebody has come with something that takes several steps. */
export function ProgressSteps({ steps }: { steps: readonly ProgressStep[] }): ReactNode {
  const t = useTranslations('setUp')
  return (
    <nav aria-label={t('steps')} className={styles['room']}>
      <ol className={styles['steps']}>
        {steps.map(({ label, isDone, isCurrent = false, to }, place) => {
          const inside = (
            <>
              <span className={styles['mark']} aria-hidden>
                {isDone ? <IconCheck size={14} stroke={3} /> : place + 1}
              </span>
              <span className={styles['label']} aria-hidden>
                {label}
              </span>
              <span className="hidden">{isDone ? t('isDone', { step: label }) : to || isCurrent ? label : t('isLater', { step: label })}</span>
            </>
          )
          return (
            <li key={label} className={styles['step']} data-done={isDone || undefined} aria-current={isCurrent ? 'step' : undefined}>
              {to && !isCurrent ? (
                <Link to={to} className={styles['inside']}>
                  {inside}
                </Link>
              ) : (
                <span className={styles['inside']}>{inside}</span>
              )}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}
