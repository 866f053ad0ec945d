/** One rule: its condition as code or as a form, what a hit does, and what it would have said of a payment. */
import { Button, NumberInput, Select, SegmentedControl, Skeleton, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import {
  type CardwrightRulesSchemasCheckView as CheckView,
  checkCondition,
  createBacktest,
  type FieldView,
  type RuleAction,
  type RuleBody,
  type RuleStage,
  type RulebookView,
} from '@/api/generated'
import { useIntent } from '@/api/intents'
import { useMay } from '@/api/may'
import { Allowed } from '@/components/allowed'
import { Page, Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { useTellProblem } from '@/lib/problem-text'

import { writeRows } from './builder'
import { readRows } from './reader'
import { change, useDraft } from './draft'
import { Faults, FieldsRead } from './checked'
import { fieldsQuery, rulebookQuery, ruleListsQuery } from './queries'
import { RowsForm } from './rows-form'
import styles from './rules.module.css'
import { ACTIONS, STAGES } from './stage'
import { Trial } from './trial'

const ConditionEditor = lazy(() => import('./condition-editor'))
const HINT = 'amount > 30000 && merchant.country in ["NG"]'
const NAME = /^[a-z][a-z0-9_]{0,63}$/
const MOST_POINTS = 1_000
const MOST_PERCENT = 99
const LONGEST_REASON = 200
const FIRST_SAMPLE = 10
const FIRST_POINTS = 25
const BLANK: RuleBody = { name: '', when: '', action: 'decline', reason: '', stage: 'shadow', sample_percent: null, points: null }

export function RulePage(): ReactNode {
  const t = useTranslations('rules')
  const { rule: name } = useSearch({ from: '/console/rules/edit' })
  const book = useQuery(rulebookQuery)
  const fields = useQuery(fieldsQuery)
  const error = book.error ?? fields.error
  return (
    <Page
      title={name ?? t('newRule')}
      heading={name ? <bdi>{name}</bdi> : t('newRule')}
      back={{ to: '/console/rules', label: t('title') }}
    >
      <Allowed needs="rules.read">
        {error && <ErrorState error={error} retry={() => void Promise.all([book.refetch(), fields.refetch()])} />}
        {!error && (!book.data || !fields.data) && <Skeleton h={480} radius="lg" />}
        {book.data && fields.data && <Editor key={name ?? ''} name={name} book={book.data} fields={fields.data} />}
      </Allowed>
    </Page>
  )
}

function Editor({ name, book, fields }: { name: string | undefined; book: RulebookView; fields: readonly FieldView[] }): ReactNode {
  const t = useTranslations('rules')
  const may = useMay()
  const navigate = useNavigate()
  const draft = useDraft()
  const before = book.rules.find((each) => each.name === name) ?? null
  const [rule, setRule] = useState<RuleBody>(() => (name ? (draft.changes[name]?.after ?? before) : null) ?? { ...BLANK, name: name ?? '' })
  const [checked, setChecked] = useState<CheckView | null>(null)
  const mayWrite = may('rules.write')
  const set = useCallback((part: Partial<RuleBody>) => setRule((now) => ({ ...now, ...part })), [])
  const taken = !name && book.rules.some((each) => each.name === rule.name)
  const badName = taken ? t('nameTaken') : t('nameInvalid')
  const nameFault = rule.name === '' || (NAME.test(rule.name) && !taken) ? null : badName
  const isWhole = rule.name !== '' && !nameFault && rule.when.trim() !== '' && rule.reason.trim() !== '' && checked?.is_valid !== false
  const keep = () => {
    change(rule.name, before, { ...rule, when: rule.when.trim(), reason: rule.reason.trim() })
    void navigate({ to: '/console/rules' })
  }
  return (
    <div className={styles['split']}>
      <div className={styles['stack']}>
        <Panel>
          <Condition rule={rule} fields={fields} set={set} checked={checked} tell={setChecked} />
        </Panel>
        <Trial when={rule.when} />
      </div>
      <div className={styles['stack']}>
        <Panel>
          <div className={styles['tight']}>
            <TextInput
              label={t('name')}
              description={name ? undefined : t('nameHint')}
              dir="ltr"
              value={rule.name}
              disabled={Boolean(name)}
              error={nameFault}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <Select
              label={t('action')}
              description={t(`${rule.action}Means`)}
              allowDeselect={false}
              data={ACTIONS.map((value) => ({ value, label: t(value) }))}
              value={rule.action}
              onChange={(action) => set(withAction(rule, action as RuleAction))}
            />
            {rule.action === 'score' && (
              <NumberInput label={t('points')} min={-MOST_POINTS} max={MOST_POINTS} allowDecimal={false} value={rule.points ?? ''} onChange={(points) => set({ points: Number(points) || null })} />
            )}
            <Select
              label={t('stage')}
              description={t(`${rule.stage ?? 'live'}Means`)}
              allowDeselect={false}
              data={STAGES.map((value) => ({ value, label: t(value) }))}
              value={rule.stage ?? 'live'}
              onChange={(stage) => set({ stage: stage as RuleStage, sample_percent: stage === 'sampled' ? (rule.sample_percent ?? FIRST_SAMPLE) : null })}
            />
            {rule.stage === 'sampled' && (
              <NumberInput label={t('sample')} min={1} max={MOST_PERCENT} allowDecimal={false} suffix=" %" value={rule.sample_percent ?? ''} onChange={(percent) => set({ sample_percent: Number(percent) || null })} />
            )}
            <TextInput
              label={t('reason')}
              description={t('reasonHint')}
              maxLength={LONGEST_REASON}
              value={rule.reason}
              onChange={(event) => set({ reason: event.currentTarget.value })}
            />
          </div>
        </Panel>
        {mayWrite && (
          <div className={styles['deeds']}>
            <Button disabled={!isWhole} onClick={keep}>
              {t('keep')}
            </Button>
            <Backtest rule={rule} disabled={!isWhole} />
          </div>
        )}
        <FieldsRead fields={checked?.fields ?? []} />
      </div>
    </div>
  )
}

function withAction(rule: RuleBody, action: RuleAction): Partial<RuleBody> {
  return { action, points: action === 'score' ? (rule.points ?? FIRST_POINTS) : null }
}

function Condition({
  rule,
  fields,
  set,
  checked,
  tell,
}: {
  rule: RuleBody
  fields: readonly FieldView[]
  set: (part: Partial<RuleBody>) => void
  checked: CheckView | null
  tell: (checked: CheckView | null) => void
}): ReactNode {
  const t = useTranslations('rules')
  const lists = useQuery(ruleListsQuery).data ?? []
  const byName = useMemo(() => new Map(fields.map((field) => [field.name, field])), [fields])
  const rows = useMemo(() => readRows(rule.when, byName), [rule.when, byName])
  const [mode, setMode] = useState<'code' | 'form'>('code')
  const shownMode = mode === 'form' && rows !== null ? 'form' : 'code'
  const check = async (when: string) => {
    const found = await answer(checkCondition({ body: { when } }))
    tell(found)
    return found
  }
  return (
    <div className={styles['tight']}>
      <div className={styles['spread']}>
        <span className={styles['label']}>{t('condition')}</span>
        <SegmentedControl
          size="sm"
          aria-label={t('mode')}
          value={shownMode}
          onChange={(value) => setMode(value as typeof mode)}
          data={[
            { value: 'code', label: t('code') },
            { value: 'form', label: t('form'), disabled: rows === null },
          ]}
        />
      </div>
      {rows === null && <p className={styles['dim']}>{t('tooRich')}</p>}
      {shownMode === 'form' && rows !== null ? (
        <RowsForm rows={rows} fields={byName} lists={lists} change={(next) => set({ when: writeRows(next, byName) })} check={check} />
      ) : (
        <Suspense fallback={<Skeleton h={146} radius="md" />}>
          <ConditionEditor
            label={t('condition')}
            hint={HINT}
            replace={t('replaceWith')}
            value={rule.when}
            known={{ fields, lists }}
            change={(when) => {
              set({ when })
              if (when.trim() === '') {
                tell(null)
              }
            }}
            check={check}
          />
        </Suspense>
      )}
      <Faults checked={rule.when.trim() === '' ? null : checked} />
      {shownMode === 'form' && rule.when && <code className={`${styles['code']} ${styles['block']}`}>{rule.when}</code>}
    </div>
  )
}

function Backtest({ rule, disabled }: { rule: RuleBody; disabled: boolean }): ReactNode {
  const t = useTranslations('rules')
  const navigate = useNavigate()
  const client = useQueryClient()
  const tell = useTellProblem()
  const { headers, fulfilled } = useIntent()
  const [isSending, setIsSending] = useState(false)
  const start = async () => {
    setIsSending(true)
    try {
      const run = await answer(createBacktest({ body: { rules: [rule] }, headers: headers() }))
      fulfilled()
      await client.invalidateQueries({ queryKey: ['rules', 'backtests'] })
      await navigate({ to: '/console/rules/backtests/$backtestId', params: { backtestId: run.id } })
    } catch (error) {
      tell(error)
    } finally {
      setIsSending(false)
    }
  }
  return (
    <Button variant="default" disabled={disabled} loading={isSending} onClick={() => void start()}>
      {t('backtest')}
    </Button>
  )
}
