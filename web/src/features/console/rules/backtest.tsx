/** A backtest: how far it is, and what the rules it tries would have done. */
import { Button, Progress, Skeleton } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { type BacktestDetailView, cancelBacktest, type ChangeView, type FindingsView, type OverlapView } from '@/api/generated'
import { once } from '@/api/intents'
import { useMay } from '@/api/may'
import { Allowed } from '@/components/allowed'
import { Meter } from '@/components/meter'
import { Page, Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { formatMoney } from '@/lib/money'
import { useTellProblem } from '@/lib/problem-text'

import { RuleFindings } from './backtest-rule'
import { nameOf, RUN_TONES } from './backtests'
import { backtestQuery, isMoving } from './queries'
import styles from './rules.module.css'

export function BacktestPage(): ReactNode {
  const t = useTranslations('rules')
  const { backtestId } = useParams({ from: '/console/rules/backtests/$backtestId' })
  const { data, error, refetch } = useQuery(backtestQuery(backtestId))
  return (
    <Page
      title={data ? nameOf(data, t('versionNumber', { version: data.version ?? 0 })) : t('backtest')}
      back={{ to: '/console/rules/backtests', label: t('backtests') }}
      actions={data && <Tag tone={RUN_TONES[data.state]}>{t(`runs.${data.state}`)}</Tag>}
    >
      <Allowed needs="rules.read">
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {!data && !error && <Skeleton h={320} radius="lg" />}
        {data && isMoving(data) && <Running run={data} />}
        {data?.failure && (
          <Panel>
            <p role="alert">{data.failure}</p>
          </Panel>
        )}
        {data?.state === 'canceled' && (
          <Panel>
            <p>{t('canceledText')}</p>
          </Panel>
        )}
        {data?.findings && <Found findings={data.findings} run={data} />}
      </Allowed>
    </Page>
  )
}

function Running({ run }: { run: BacktestDetailView }): ReactNode {
  const t = useTranslations('rules')
  const common = useTranslations('common')
  const may = useMay()
  const client = useQueryClient()
  const tell = useTellProblem()
  const cancel = useMutation({
    mutationFn: () => answer(cancelBacktest({ path: { backtest_id: run.id }, headers: once() })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['rules', 'backtests'] }),
    onError: tell,
  })
  const { stage, percent, rows, rows_of: rowsOf, steps, steps_of: stepsOf } = run.progress
  return (
    <Panel
      title={t(`stages.${stage}`)}
      aside={
        may('rules.write') && (
          <Button size="compact-sm" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {common('cancel')}
          </Button>
        )
      }
    >
      <div className={styles['tight']}>
        <Progress value={percent} size="lg" radius="xl" aria-label={t('progress')} />
        <p className={styles['dim']} role="status">
          {t('progressText', { percent, rows, rowsOf })}
          {stepsOf > 0 && ` · ${t('steps', { steps, stepsOf })}`}
        </p>
      </div>
    </Panel>
  )
}

function Found({ findings, run }: { findings: FindingsView; run: BacktestDetailView }): ReactNode {
  const t = useTranslations('rules')
  const { formats } = useLanguage()
  const { history } = findings
  const most = Math.max(1, ...findings.rules.map(({ matches }) => matches))
  const tested = findings.rules.filter((rule) => rule.is_tested)
  return (
    <>
      <Panel title={t('lookedThrough')} aside={history.first_at && history.last_at && <span className={styles['dim']}>{`${formatDay(history.first_at, formats)} – ${formatDay(history.last_at, formats)}`}</span>}>
        <div className={styles['figures']}>
          <Figure name={t('authorizations')} value={history.authorizations} />
          <Figure name={t('outcomes.approved')} value={history.approved} />
          <Figure name={t('outcomes.declined')} value={history.declined} />
          <Figure name={t('fraud')} value={history.fraud} />
          <Figure name={t('genuine')} value={history.genuine} />
          {history.incomplete > 0 && <Figure name={t('incomplete')} value={history.incomplete} />}
        </div>
      </Panel>
      <div className={styles['split']}>
        <Panel title={t('matches')}>
          {findings.rules.map((rule) => (
            <Meter
              key={rule.rule}
              name={<bdi className={styles['code']}>{rule.rule}</bdi>}
              part={rule.matches / most}
              tone={rule.is_tested ? 'good' : 'plain'}
              said={rule.matches.toLocaleString(formats)}
              aside={rule.unique > 0 && t('uniqueCount', { count: rule.unique })}
            />
          ))}
        </Panel>
        <Panel flush title={t('whatChanges')}>
          <Changes name={t('newlyDeclined')} change={findings.newly_declined} />
          <Changes name={t('newlyApproved')} change={findings.newly_approved} />
        </Panel>
      </div>
      {findings.overlaps.length > 0 && <Overlaps overlaps={findings.overlaps} most={most} />}
      {tested.map((rule) => (
        <RuleFindings key={rule.rule} rule={rule} when={run.rules.find(({ name }) => name === rule.rule)?.when} />
      ))}
    </>
  )
}

export function Figure({ name, value }: { name: string; value: number | string }): ReactNode {
  const { formats } = useLanguage()
  return (
    <div className={styles['figure']}>
      <span>{name}</span>
      <strong>{typeof value === 'number' ? value.toLocaleString(formats) : value}</strong>
    </div>
  )
}

function Changes({ name, change }: { name: string; change: ChangeView }): ReactNode {
  const t = useTranslations('rules')
  const { formats } = useLanguage()
  const value = Object.entries(change.value).map(([currency, amount]) => formatMoney(amount, currency, formats))
  return (
    <div className={styles['change']}>
      <div className={styles['spread']}>
        <span>{name}</span>
        <strong className="figures">{change.count.toLocaleString(formats)}</strong>
      </div>
      <p className={styles['dim']}>
        {[...value, t('fraudCount', { count: change.fraud }), t('customers', { count: change.customers })].join(' · ')}
      </p>
    </div>
  )
}

function Overlaps({ overlaps, most }: { overlaps: readonly OverlapView[]; most: number }): ReactNode {
  const t = useTranslations('rules')
  const { formats } = useLanguage()
  return (
    <Panel title={t('overlap')}>
      {overlaps.map(({ rule, other, matches }) => (
        <Meter
          key={`${rule} ${other}`}
          name={<bdi className={styles['code']}>{`${rule} ∩ ${other}`}</bdi>}
          part={matches / most}
          tone="waiting"
          said={matches.toLocaleString(formats)}
        />
      ))}
    </Panel>
  )
}
