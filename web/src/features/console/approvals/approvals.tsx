import { IconChecks } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { approvalsQuery } from '@/api/console-queries'
import type { ApprovalOutput, ApprovalState } from '@/api/generated'
import { Allowed } from '@/components/allowed'
import { DataTable } from '@/components/data-table'
import { Ago } from '@/components/due'
import { FilterBar } from '@/components/filter-bar'
import { Page, Panel } from '@/components/page'
import { SplitView } from '@/components/split-view'
import { Tag } from '@/components/tag'
import { wordOf } from '@/lib/words'

import styles from './approvals.module.css'
import { Proposal } from './proposal'
import { TONES } from './tones'

const STATES = ['proposed', 'applied', 'approved', 'rejected', 'withdrawn', 'expired'] as const satisfies ApprovalState[]
/** What one member of staff proposes and another approves. */
export function Approvals(): ReactNode {
  const t = useTranslations('approvals')
  return (
    <Page title={t('title')} wide>
      <Allowed needs="approvals.read">
        <Inbox />
      </Allowed>
    </Page>
  )
}

function Inbox(): ReactNode {
  const t = useTranslations('approvals')
  const search = useSearch({ from: '/console/approvals' })
  const navigate = useNavigate({ from: '/console/approvals' })
  const change = (more: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true })
  const list = useInfiniteQuery(approvalsQuery(search.state))
  return (
    <>
      <FilterBar
        filters={[
          {
            label: t('state'),
            value: search.state,
            options: STATES.map((value) => ({ value, label: t(value) })),
            change: (value) => change({ state: value as ApprovalState | undefined }),
          },
        ]}
      />
      <SplitView
        close={() => change({ open: undefined })}
        nothing={{ icon: <IconChecks size={28} />, title: t('nothingTitle'), text: t('nothingText') }}
        list={
          <Panel flush>
            <DataTable
              label={t('title')}
              list={list}
              rowKey={(approval) => approval.id}
              selected={search.open}
              to={(approval) => ({ to: '/console/approvals', search: { ...search, open: approval.id } })}
              empty={{ title: t('emptyTitle'), text: t('emptyText'), icon: <IconChecks size={28} /> }}
              columns={[
                { key: 'what', title: t('proposal'), cell: (approval) => <Line approval={approval} /> },
                {
                  key: 'state',
                  title: t('state'),
                  width: 'auto',
                  align: 'end',
                  cell: (approval) => <Tag tone={TONES[approval.state]}>{t(approval.state)}</Tag>,
                },
              ]}
            />
          </Panel>
        }
        detail={search.open === undefined ? null : <Proposal key={search.open} approvalId={search.open} />}
      />
    </>
  )
}

function Line({ approval }: { approval: ApprovalOutput }): ReactNode {
  const kinds = useTranslations('approvals.kinds')
  return (
    <span className={styles['line']}>
      {wordOf(kinds, approval.kind.replaceAll('.', '_'))}
      <small>
        <Ago at={approval.proposed_at} /> · {approval.reason}
      </small>
    </span>
  )
}
