import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { useSetUp } from '@/api/set-up'
import { ButtonLink } from '@/components/button-link'
import { Panel } from '@/components/page'
import { ProgressSteps } from '@/components/progress-steps'

import styles from './home.module.css'

/** What a newcomer still has to do before the first payment; it is gone once all of it is done. */
export function FinishSetUp(): ReactNode {
  const t = useTranslations('setUp')
  const found = useSetUp()
  if (!found || found.next === null) {
    return null
  }
  const steps = [
    { label: t('account'), isDone: true },
    ...found.steps.map(({ step, isDone, isReachable }) => ({
      label: t(step),
      isDone,
      isCurrent: step === found.next,
      to: isReachable ? (`/set-up/${step}` as const) : undefined,
    })),
  ]
  const done = steps.filter(({ isDone }) => isDone).length
  return (
    <Panel
      title={t('finish')}
      aside={
        <Text c="dimmed" size="sm">
          {t('progress', { done, all: steps.length })}
        </Text>
      }
    >
      <div className={styles['setUp']}>
        <ProgressSteps steps={steps} />
        <div className={styles['setUpFoot']}>
          <Text c="dimmed">{t('finishText')}</Text>
          <ButtonLink to="/set-up">{t('finish')}</ButtonLink>
        </div>
      </div>
    </Panel>
  )
}
