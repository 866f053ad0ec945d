import { NumberInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { RulebookView, ScoringBody } from '@/api/generated'
import { Panel } from '@/components/page'

import { changeScoring, useDraft } from './draft'
import styles from './rules.module.css'

const MOST_POINTS = 1_000
const THRESHOLDS = ['flag_at', 'challenge_at', 'decline_at'] as const

/** From how many points on a payment is flagged, challenged or declined. */
export function ScoringPanel({ book, mayWrite }: { book: RulebookView; mayWrite: boolean }): ReactNode {
  const t = useTranslations('rules')
  const scoring = useDraft().scoring ?? book.scoring
  const set = (name: (typeof THRESHOLDS)[number], value: number | null) => {
    const next: ScoringBody = { ...scoring, [name]: value }
    const isSame = THRESHOLDS.every((each) => (next[each] ?? null) === (book.scoring[each] ?? null))
    changeScoring(isSame ? null : next)
  }
  return (
    <Panel title={t('scoring')} aside={<span className={styles['dim']}>{t('scoringMeans')}</span>}>
      <div className={styles['figures']}>
        {THRESHOLDS.map((name) => (
          <NumberInput
            key={name}
            size="sm"
            label={t(name)}
            placeholder={t('never')}
            min={1}
            max={MOST_POINTS}
            allowDecimal={false}
            disabled={!mayWrite}
            value={scoring[name] ?? ''}
            onChange={(value) => set(name, typeof value === 'number' ? value : null)}
          />
        ))}
      </div>
    </Panel>
  )
}
