import { Button } from '@mantine/core'
import { IconId } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { reviewCountsQuery, reviewsQuery } from '@/api/console-queries'
import type { CauseInput, ReviewState, ReviewView } from '@/api/generated'
import { meQuery } from '@/api/queries'
import { Allowed } from '@/components/allowed'
import { type Column, DataTable } from '@/components/data-table'
import { Ago, Due } from '@/components/due'
import { FilterBar } from '@/components/filter-bar'
import { Page, Panel } from '@/components/page'
import { Tag, type Tone } from '@/components/tag'

const STATES = ['open', 'in_review', 'waiting', 'resolved'] as const satisfies ReviewState[]
const CAUSES = ['vendor_review', 'manual', 'screening', 'contradiction', 'reverification', 'staff'] as const satisfies CauseInput[]
const TONES: Record<ReviewState, Tone> = { open: 'waiting', in_review: 'plain', waiting: 'plain', resolved: 'good' }

/** People whose identity somebody has to judge, the nearest deadline first. */
export function Reviews(): ReactNode {
  const t = useTranslations('reviews')
  return (
    <Page title={t('title')} wide>
      <Allowed needs="identity_reviews.read">
        <Queue />
      </Allowed>
    </Page>
  )
}

function Queue(): ReactNode {
  const t = useTranslations('reviews')
  const search = useSearch({ from: '/console/reviews' })
  const navigate = useNavigate({ from: '/console/reviews' })
  const { data: me } = useQuery(meQuery)
  const { data: counts } = useQuery(reviewCountsQuery)
  const change = (more: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true })
  const list = useInfiniteQuery(
    reviewsQuery({
      state: search.state,
      cause: search.cause,
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
            change: (value) => change({ state: value as ReviewState | undefined }),
          },
          {
            label: t('cause'),
            value: search.cause,
            options: CAUSES.map((value) => ({ value, label: t(value) })),
            change: (value) => change({ cause: value as CauseInput | undefined }),
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
      <Panel flush>
        <DataTable
          label={t('title')}
          list={list}
          columns={useColumns()}
          rowKey={(review) => review.id}
          to={(review) => ({ to: '/console/reviews/$reviewId', params: { reviewId: review.id } })}
          empty={{ title: t('emptyTitle'), text: t('emptyText'), icon: <IconId size={28} /> }}
        />
      </Panel>
    </>
  )
}

function useColumns(): Column<ReviewView>[] {
  const t = useTranslations('reviews')
  const { data: me } = useQuery(meQuery)
  return [
    { key: 'cause', title: t('cause'), width: 'minmax(0, 1.4fr)', cell: (review) => review.causes.map((cause) => t(cause)).join(', ') },
    { key: 'person', title: t('person'), width: '7rem', cell: (review) => <bdi dir="ltr">…{review.user_id.slice(-8)}</bdi>, from: 'desktop' },
    { key: 'opened', title: t('age'), width: '8rem', cell: (review) => <Ago at={review.opened_at} />, from: 'tablet' },
    {
      key: 'who',
      title: t('assignee'),
      width: '8rem',
      from: 'tablet',
      cell: (review) =>
        review.assignee_id === null ? t('nobody') : review.assignee_id === me?.id ? t('you') : `…${review.assignee_id.slice(-8)}`,
    },
    { key: 'state', title: t('state'), width: '7.5rem', cell: (review) => <Tag tone={TONES[review.state]}>{t(review.outcome ?? review.state)}</Tag> },
    { key: 'due', title: t('due'), width: '7.5rem', align: 'end', cell: (review) => review.state !== 'resolved' && <Due at={review.due_at} /> },
  ]
}
