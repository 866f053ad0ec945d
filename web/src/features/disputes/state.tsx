import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { DisputeState as State } from '@/api/generated'

import styles from './disputes.module.css'

const TONES: Partial<Record<State, string>> = { draft: 'waiting', submitted: 'waiting', won: 'good', lost: 'bad', expired: 'bad' }

export function DisputeState({ state }: { state: State }): ReactNode {
  const t = useTranslations('disputes')
  return (
    <span className={styles['state']} data-tone={TONES[state]}>
      {t(`states.${state}`)}
    </span>
  )
}
