import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { RuleBody } from '@/api/generated'
import { Tag } from '@/components/tag'

import { type Change, isSame } from './draft'
import styles from './rules.module.css'

/** What became of each rule between two states of the rules. */
export function changesBetween(before: readonly RuleBody[], after: readonly RuleBody[]): Record<string, Change> {
  const [old, now] = [before, after].map((rules) => new Map(rules.map((rule) => [rule.name, rule])))
  const names = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])
  const all = [...names].map((name) => [name, { before: old?.get(name) ?? null, after: now?.get(name) ?? null }] as const)
  return Object.fromEntries(all.filter(([, each]) => !isSame(each.before, each.after)))
}

/** Rule by rule what is new, gone or other than before: the condition, and what a hit does. */
export function RuleChanges({ changes }: { changes: Record<string, Change> }): ReactNode {
  const t = useTranslations('rules')
  return Object.entries(changes).map(([name, { before, after }]) => (
    <div key={name} className={styles['change']}>
      <div className={styles['spread']}>
        <strong className={styles['code']}>{name}</strong>
        <Tag tone={after === null ? 'bad' : before === null ? 'good' : 'waiting'}>{t(after === null ? 'removed' : before === null ? 'added' : 'changed')}</Tag>
      </div>
      {before?.when !== after?.when && (
        <>
          {before && <Said tone="before" text={before.when} name={t('before')} />}
          {after && <Said tone="after" text={after.when} name={t('after')} />}
        </>
      )}
      <Settings before={before} after={after} />
    </div>
  ))
}

function Said({ tone, text, name }: { tone: 'before' | 'after'; text: string; name: string }): ReactNode {
  const Mark = tone === 'before' ? 'del' : 'ins'
  return (
    <Mark className={`${styles['code']} ${styles['block']} ${styles[tone]}`}>
      <span className="hidden">{name}: </span>
      {text}
    </Mark>
  )
}

function Settings({ before, after }: { before: RuleBody | null; after: RuleBody | null }): ReactNode {
  const t = useTranslations('rules')
  const said = (rule: RuleBody | null) =>
    rule === null ? [] : [t(rule.action), t(rule.stage ?? 'live'), rule.sample_percent ? `${rule.sample_percent} %` : '', rule.points ? t('pointsShort', { points: rule.points }) : '', rule.reason]
  const [old, now] = [said(before), said(after)]
  const differs = now.flatMap((value, at) => (value === old[at] ? [] : [old[at] ? `${old[at]} → ${value || '–'}` : value])).filter(Boolean)
  return differs.length > 0 && <p className={styles['dim']}>{differs.join(' · ')}</p>
}
