import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { RuleBody, RuleStage } from '@/api/generated'
import { Tag, type Tone } from '@/components/tag'

export const STAGES = ['draft', 'shadow', 'sampled', 'live', 'retired'] as const satisfies RuleStage[]
/** In the order in which they resolve: what comes first overrules what follows. */
export const ACTIONS = ['freeze', 'decline', 'allow', 'challenge', 'flag', 'score'] as const
const TONES: Record<RuleStage, Tone> = { draft: 'plain', shadow: 'waiting', sampled: 'waiting', live: 'good', retired: 'plain' }

/** How far a rule has come; of a sampled one, for how many of 100 payments. */
export function StageTag({ rule }: { rule: Pick<RuleBody, 'stage' | 'sample_percent'> }): ReactNode {
  const t = useTranslations('rules')
  const stage = rule.stage ?? 'live'
  return (
    <Tag tone={TONES[stage]}>
      {t(stage)}
      {rule.sample_percent ? ` ${rule.sample_percent} %` : ''}
    </Tag>
  )
}
