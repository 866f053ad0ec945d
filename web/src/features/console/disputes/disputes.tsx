import { IconScale } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { disputesQuery } from '@/api/console-queries'
import type { DisputeState, DisputeView } from '@/api/generated'
import { Allowed } from '@/components/allowed'
import { DataTable } from '@/components/data-table'
import { Due } from '@/components/due'
import { FilterBar } from '@/components/filter-bar'
import { Money } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { SplitView } from '@/components/split-view'
import { Tag } from '@/components/tag'
import { merchantName } from '@/lib/words'

import { Dispute } from './dispute'
import styles from './disputes.module.css'
import { TONES } from './tones'

const STATES = ['draft', 'submitted', 'won', 'lost', 'withdrawn', 'expired'] as const satisfies DisputeState[]

/** Claims on what was charged, the nearest deadline first. */
export function Disputes(): ReactNode {
  const t = useTranslations('disputeDesk')
  return (
    <Page title={t('title')} wide>
      <Allowed needs="disputes.read">
        <Queue />
      </Allowed>
    </Page>
  )
}

function Queue(): ReactNode {
  const t = useTranslations('disputeDesk')
  const search = useSearch({ from: '/console/disputes' })
  const navigate = useNavigate({ from: '/console/disputes' })
  const change = (more: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true })
  const list = useInfiniteQuery(disputesQuery(search.state))
  return (
    <>
      <FilterBar
        filters={[
          {
            label: t('state'),
            value: search.state,
            options: STATES.map((value) => ({ value, label: t(value) })),
            change: (value) => change({ state: value as DisputeState | undefined }),
          },
        ]}
      />
      <SplitView
        close={() => change({ open: undefined })}
        nothing={{ icon: <IconScale size={28} />, title: t('nothingTitle'), text: t('nothingText') }}
        list={
          <Panel flush>
            <DataTable
              label={t('title')}
              list={list}
              rowKey={(dispute) => dispute.id}
              selected={search.open}
              to={(dispute) => ({ to: '/console/disputes', search: { ...search, open: dispute.id } })}
              empty={{ title: t('emptyTitle'), text: t('emptyText'), icon: <IconScale size={28} /> }}
              columns={[
                { key: 'what', title: t('dispute'), cell: (dispute) => <Line dispute={dispute} /> },
                {
                  key: 'amount',
                  title: t('amount'),
                  width: 'auto',
                  align: 'end',
                  cell: (dispute) => (
                    <span className={styles['end']}>
                      <Money amount={dispute.amount} currency={dispute.currency} />
                      {dispute.state === 'draft' ? <Due at={dispute.submit_by} /> : <Tag tone={TONES[dispute.state]}>{t(dispute.state)}</Tag>}
                    </span>
                  ),
                },
              ]}
            />
          </Panel>
        }
        detail={search.open === undefined ? null : <Dispute key={search.open} disputeId={search.open} />}
      />
    </>
  )
}

function Line({ dispute }: { dispute: DisputeView }): ReactNode {
  const reasons = useTranslations('disputeDesk.reasons')
  return (
    <span className={styles['line']}>
      <bdi>{merchantName(dispute.merchant_name)}</bdi>
      <small>{reasons(dispute.reason)}</small>
    </span>
  )
}
