import { Skeleton } from '@mantine/core'
import { IconEye } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { ShadowDifference } from '@/api/generated'
import { CopyId } from '@/components/copy-id'
import { Meter } from '@/components/meter'
import { Panel } from '@/components/page'
import { EmptyState, ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'
import { useLanguage } from '@/lib/i18n'
import { wordOf } from '@/lib/words'

import { differencesQuery } from './queries'
import styles from './rules.module.css'
import { RulesPage } from './section'

/** What rules that only watch would have changed in the last 30 days. */
export function Shadow(): ReactNode {
  const t = useTranslations('rules')
  const { data, error, refetch } = useQuery(differencesQuery)
  return (
    <RulesPage title={t('shadowPage')}>
      <p className={styles['dim']}>{t('shadowText')}</p>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton h={240} radius="lg" />}
      {data?.length === 0 && (
        <Panel>
          <EmptyState icon={<IconEye size={28} />} title={t('noShadowTitle')} text={t('noShadowText')} />
        </Panel>
      )}
      {data?.map((difference) => (
        <Difference key={difference.rule} difference={difference} />
      ))}
    </RulesPage>
  )
}

function Difference({ difference }: { difference: ShadowDifference }): ReactNode {
  const t = useTranslations('rules')
  const outcomes = useTranslations('rules.outcomes')
  const { formats } = useLanguage()
  const { matches } = difference
  const part = (count: number) => (matches === 0 ? 0 : count / matches)
  return (
    <Panel title={<bdi className={styles['code']}>{difference.rule}</bdi>} aside={<Tag>{wordOf(t, difference.action)}</Tag>}>
      <div className={styles['stack']}>
        <div>
          <Meter name={t('matches')} part={1} tone="plain" said={matches.toLocaleString(formats)} />
          <Meter name={t('wouldDecline')} part={part(difference.would_decline)} tone="bad" said={difference.would_decline.toLocaleString(formats)} />
          <Meter name={t('declinedAnyway')} part={part(difference.declined_anyway)} tone="waiting" said={difference.declined_anyway.toLocaleString(formats)} />
        </div>
        {difference.examples.length > 0 && (
          <ul className={styles['read']} aria-label={t('examples')}>
            {difference.examples.map((example) => (
              <li key={example.decision_id}>
                <code className={`${styles['code']} ${styles['block']}`}>{example.explanation}</code>
                <span className={styles['dim']}>
                  {t('decidedThen', { outcome: wordOf(outcomes, example.outcome) })} · <CopyId id={example.decision_id} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  )
}
