/** What proofs say of rules: findings and guardrails, each with a transaction that shows it. */
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { FindingView, GuardrailView, ProofsView, WitnessView } from '@/api/generated'
import { Panel } from '@/components/page'
import { Tag, type Tone } from '@/components/tag'

import styles from './rules.module.css'

const FINDING_TONES: Record<FindingView['kind'], Tone> = {
  never_fires: 'waiting',
  shadowed: 'waiting',
  contradiction: 'bad',
  outcome_changed: 'plain',
}
const GUARDRAIL_TONES: Record<GuardrailView['verdict'], Tone> = { holds: 'good', broken: 'bad', unknown: 'waiting' }

export function Proofs({ proofs }: { proofs: ProofsView }): ReactNode {
  const t = useTranslations('rules')
  const changes = proofs.findings.filter(({ kind }) => kind === 'outcome_changed')
  const faults = proofs.findings.filter(({ kind }) => kind !== 'outcome_changed')
  return (
    <>
      <Panel flush title={t('whatChanges')} aside={<History proofs={proofs} />}>
        {changes.length === 0 && <p className={styles['pad']}>{t(proofs.is_complete ? 'changesNothing' : 'notAllProven')}</p>}
        {changes.map((finding) => (
          <Finding key={`${finding.before}-${finding.after}`} finding={finding} />
        ))}
      </Panel>
      {faults.length > 0 && (
        <Panel flush title={t('findings')}>
          {faults.map((finding) => (
            <Finding key={`${finding.kind}-${finding.rule}-${finding.others.join()}`} finding={finding} />
          ))}
        </Panel>
      )}
      {proofs.guardrails.length > 0 && (
        <Panel flush title={t('guardrails')}>
          {proofs.guardrails.map((guardrail) => (
            <Guardrail key={guardrail.guardrail} guardrail={guardrail} />
          ))}
        </Panel>
      )}
    </>
  )
}

function History({ proofs: { history } }: { proofs: ProofsView }): ReactNode {
  const t = useTranslations('rules')
  return history && <span className={styles['dim']}>{t('lookedAt', { count: history.looked_at })}</span>
}

function Finding({ finding }: { finding: FindingView }): ReactNode {
  const t = useTranslations('rules')
  const { kind, rule, others, before, after, count, against, verdict } = finding
  return (
    <div className={styles['finding']}>
      <div className={styles['spread']}>
        <h3>
          {kind === 'outcome_changed' && before && after
            ? t('changedOutcome', { before: t(`outcomes.${before}`), after: t(`outcomes.${after}`) })
            : t(`kinds.${kind}`, { rule: rule ?? '', others: others.join(', ') })}
        </h3>
        <span className={styles['tags']}>
          {count !== null && <Tag tone={kind === 'outcome_changed' && count > 0 ? 'waiting' : 'plain'}>{t('happened', { count })}</Tag>}
          {against !== null && against > 0 && <Tag tone="bad">{t('against', { count: against })}</Tag>}
          <Tag tone={verdict === 'unknown' ? 'waiting' : FINDING_TONES[kind]}>{t(`verdicts.${verdict}`)}</Tag>
        </span>
      </div>
      {finding.witness && <Witness witness={finding.witness} />}
    </div>
  )
}

function Guardrail({ guardrail: { guardrail, verdict, outcome, witness, count } }: { guardrail: GuardrailView }): ReactNode {
  const t = useTranslations('rules')
  return (
    <div className={styles['finding']}>
      <div className={styles['spread']}>
        <h3>
          <code className={styles['code']}>{guardrail}</code>
        </h3>
        <span className={styles['tags']}>
          {outcome && <Tag>{t(`outcomes.${outcome}`)}</Tag>}
          {count !== null && count > 0 && <Tag tone="bad">{t('happened', { count })}</Tag>}
          <Tag tone={GUARDRAIL_TONES[verdict]}>{t(`guardrailVerdicts.${verdict}`)}</Tag>
        </span>
      </div>
      {witness && <Witness witness={witness} />}
    </div>
  )
}

/** A made-up payment; the rules were run on it, and hit as told. */
export function Witness({ witness }: { witness: WitnessView }): ReactNode {
  const t = useTranslations('rules')
  return (
    <>
      <dl className={styles['witness']} aria-label={t('witness')}>
        {witness.facts.map(({ field, text }) => (
          <div key={field}>
            <dt>{field}</dt>
            <dd>{text}</dd>
          </div>
        ))}
        {witness.lists.map(({ name, entries }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>[{entries.join(', ')}]</dd>
          </div>
        ))}
      </dl>
      {witness.hits.map(({ rule, explanation }) => (
        <p key={rule} className={styles['dim']}>
          <code className={styles['code']}>
            {rule}: {explanation}
          </code>
        </p>
      ))}
    </>
  )
}
