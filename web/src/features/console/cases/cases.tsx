import { Button } from '@mantine/core'
import { IconGavel } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { caseCountsQuery, casesQuery } from '@/api/console-queries'
import type { CardwrightCasesSchemasCaseView as CaseView, CaseState, Priority } from '@/api/generated'
import { meQuery } from '@/api/queries'
import { Allowed } from '@/components/allowed'
import { DataTable } from '@/components/data-table'
import { Due } from '@/components/due'
import { FilterBar } from '@/components/filter-bar'
import { Money } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { SplitView } from '@/components/split-view'
import { Tag } from '@/components/tag'
import { merchantName } from '@/lib/words'

import { Case } from './case'
import styles from './cases.module.css'

const STATES = ['open', 'in_review', 'resolved'] as const satisfies CaseState[]
const PRIORITIES = ['high', 'normal', 'low'] as const satisfies Priority[]

/** Payments to be judged, the nearest deadline first, beside the one that is looked at. */
export function Cases(): ReactNode {
  const t = useTranslations('cases')
  return (
    <Page title={t('title')} wide>
      <Allowed needs="cases.read">
        <Desk />
      </Allowed>
    </Page>
  )
}

function Desk(): ReactNode {
  const t = useTranslations('cases')
  const search = useSearch({ from: '/console/cases' })
  const navigate = useNavigate({ from: '/console/cases' })
  const { data: me } = useQuery(meQuery)
  const { data: counts } = useQuery(caseCountsQuery)
  const change = (more: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true })
  const list = useInfiniteQuery(
    casesQuery({
      state: search.state,
      priority: search.priority,
      overdue: search.late ? true : undefined,
      assignee_id: search.mine ? me?.id : undefined,
    }),
  )
  return (
    <>
      <FilterBar
        filters={[
          {
            label: t('state'),
            value: search.state,
            options: STATES.map((value) => ({ value, label: t(value) })),
            change: (value) => change({ state: value as CaseState | undefined }),
          },
          {
            label: t('priority'),
            value: search.priority,
            options: PRIORITIES.map((value) => ({ value, label: t(value) })),
            change: (value) => change({ priority: value as Priority | undefined }),
          },
        ]}
      >
        <Button size="sm" variant={search.mine ? 'light' : 'default'} aria-pressed={search.mine ?? false} onClick={() => change({ mine: search.mine ? undefined : true })}>
          {t('mine', { count: counts?.mine ?? 0 })}
        </Button>
        <Button size="sm" variant={search.late ? 'light' : 'default'} aria-pressed={search.late ?? false} onClick={() => change({ late: search.late ? undefined : true })}>
          {t('late', { count: counts?.overdue ?? 0 })}
        </Button>
      </FilterBar>
      <SplitView
        close={() => change({ open: undefined })}
        nothing={{ icon: <IconGavel size={28} />, title: t('nothingTitle'), text: t('nothingText') }}
        list={
          <Panel flush>
            <DataTable
              label={t('title')}
              list={list}
              rowKey={(found) => found.id}
              selected={search.open}
              to={(found) => ({ to: '/console/cases', search: { ...search, open: found.id } })}
              empty={{ title: t('emptyTitle'), text: t('emptyText'), icon: <IconGavel size={28} /> }}
              columns={[
                { key: 'what', title: t('payment'), cell: (found) => <Line found={found} /> },
                {
                  key: 'amount',
                  title: t('amount'),
                  width: 'auto',
                  align: 'end',
                  cell: (found) => (
                    <span className={styles['end']}>
                      <Money amount={found.amount} currency={found.currency} />
                      {found.state === 'resolved' ? <Tag tone={found.finding === 'fraud' ? 'bad' : 'good'}>{t(found.finding ?? 'resolved')}</Tag> : <Due at={found.due_at} />}
                    </span>
                  ),
                },
              ]}
            />
          </Panel>
        }
        detail={search.open === undefined ? null : <Case key={search.open} caseId={search.open} />}
      />
    </>
  )
}

function Line({ found }: { found: CaseView }): ReactNode {
  const t = useTranslations('cases')
  return (
    <span className={styles['line']}>
      <bdi>{merchantName(found.merchant_name)}</bdi>
      <small>
        {found.priority === 'high' && found.state !== 'resolved' && <b>{t('high')} · </b>}
        {found.source === 'rules' ? found.rules.join(', ') : t(`by_${found.source}`)}
      </small>
    </span>
  )
}
