import { Progress } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { BacktestView, CardwrightBacktestsRunRunState as RunState } from '@/api/generated'
import { DataTable } from '@/components/data-table'
import { Panel } from '@/components/page'
import { Tag, type Tone } from '@/components/tag'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import { backtestsQuery, isMoving } from './queries'
import { RulesPage } from './section'

export const RUN_TONES: Record<RunState, Tone> = { queued: 'plain', running: 'waiting', done: 'good', failed: 'bad', canceled: 'plain' }

export function Backtests(): ReactNode {
  const t = useTranslations('rules')
  const { formats } = useLanguage()
  const list = useInfiniteQuery(backtestsQuery)
  return (
    <RulesPage title={t('backtests')}>
      <Panel flush>
        <DataTable
          label={t('backtests')}
          list={list}
          rowKey={({ id }) => id}
          to={({ id }) => ({ to: '/console/rules/backtests/$backtestId', params: { backtestId: id } })}
          empty={{ title: t('noBacktestsTitle'), text: t('noBacktestsText'), icon: <IconHistory size={28} /> }}
          columns={[
            { key: 'tested', title: t('tested'), cell: (run) => <bdi>{nameOf(run, t('versionNumber', { version: run.version ?? 0 }))}</bdi> },
            {
              key: 'progress',
              title: t('progress'),
              width: '10rem',
              from: 'tablet',
              cell: (run) =>
                isMoving(run) ? <Progress value={run.progress.percent} aria-label={t('progress')} /> : t('rowCount', { count: run.progress.rows }),
            },
            { key: 'created', title: t('asked'), width: '9rem', from: 'desktop', cell: (run) => formatMoment(run.created_at, formats) },
            { key: 'state', title: t('state'), width: '7rem', align: 'end', cell: (run) => <Tag tone={RUN_TONES[run.state]}>{t(`runs.${run.state}`)}</Tag> },
          ]}
        />
      </Panel>
    </RulesPage>
  )
}

export function nameOf(run: BacktestView, version: string): string {
  return run.version === null ? run.tested.join(', ') : version
}
