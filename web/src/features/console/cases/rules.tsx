import { IconCheck, IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { EvidenceView } from '@/api/generated'
import { Panel } from '@/components/page'
import { Tag } from '@/components/tag'
import { explained } from '@/lib/told'
import { readable, wordOf } from '@/lib/words'

import styles from './cases.module.css'

/** Which rules matched in the decisions of the payment, and what else was looked at. */
export function Rules({ evidence }: { evidence: EvidenceView }): ReactNode {
  const t = useTranslations('cases')
  const hits = evidence.decisions.flatMap(({ decision, hits: found }) => found.map((hit) => ({ ...hit, key: `${decision.id}${hit.rule}` })))
  const checks = evidence.decisions.flatMap(({ decision }) => decision.checks.map((check) => ({ ...check, key: `${decision.id}${check.name}` })))
  return (
    <Panel title={t('rules')}>
      {hits.length === 0 && <p className={styles['quiet']}>{t('noRules')}</p>}
      <ul className={styles['rules']}>
        {hits.map((hit) => (
          <li key={hit.key} data-action={hit.action} data-shadow={!hit.counts || undefined}>
            <span className={styles['ruleHead']}>
              <bdi>{hit.rule}</bdi>
              <Tag tone={hit.action === 'decline' ? 'bad' : 'waiting'}>{wordOf(t, hit.action)}</Tag>
              {hit.points !== 0 && <Tag>{t('points', { points: hit.points })}</Tag>}
              {!hit.counts && <Tag>{t('shadow')}</Tag>}
            </span>
            <p>
              <bdi>{hit.explanation}</bdi>
            </p>
          </li>
        ))}
      </ul>
      {checks.length > 0 && (
        <ul className={styles['checks']} aria-label={t('checks')}>
          {checks.map((check) => (
            <li key={check.key} data-failed={!check.passed || undefined}>
              {check.passed ? <IconCheck size={15} aria-label={t('passed')} /> : <IconX size={15} aria-label={t('failed')} />}
              <span>
                <b>{readable(check.name)}</b> – <bdi>{explained(check.explanation)}</bdi>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
