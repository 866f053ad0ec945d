import { IconId } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { reviewCountsQuery, reviewsQuery } from '@/api/console-queries'
import type { CauseInput, ReviewState, ReviewView } from '@/api/generated'
import { useMay } from '@/api/may'
import { meQuery } from '@/api/queries'
import type { Column } from '@/components/data-table'
import { Ago, Due } from '@/components/due'
import { PersonName } from '@/components/person-link'
import { Queue } from '@/components/queue'
import { Tag, type Tone } from '@/components/tag'
import { useNames } from '@/components/who'

const STATES = ['open', 'in_review', 'waiting', 'resolved'] as const satisfies ReviewState[]
const CAUSES = ['vendor_review', 'manual', 'screening', 'contradiction', 'reverification', 'staff'] as const satisfies CauseInput[]
const TONES: Record<ReviewState, Tone> = { open: 'waiting', in_review: 'plain', waiting: 'plain', resolved: 'good' }

/** People whose identity somebody has to judge, the nearest deadline first. Documents need the room of a page of their own. */
export function Reviews(): ReactNode {
  const t = useTranslations('reviews')
  const queue = useTranslations('queue')
  const search = useSearch({ from: '/console/reviews' })
  const { data: me } = useQuery(meQuery)
  const { data: counts } = useQuery({ ...reviewCountsQuery, enabled: useMay()('identity_reviews.read') })
  return (
    <Queue
      needs="identity_reviews.read"
      words={t}
      icon={<IconId size={28} />}
      search={search}
      query={reviewsQuery({
        state: search.state,
        cause: search.cause,
        overdue: search.late,
        assignee_id: search.mine && me?.id,
      })}
      choices={[
        { name: 'state', label: queue('state'), options: STATES.map((value) => ({ value, label: t(value) })) },
        { name: 'cause', label: t('cause'), options: CAUSES.map((value) => ({ value, label: t(value) })) },
      ]}
      counts={counts}
      columns={useColumns()}
      to={(review) => ({ to: '/console/reviews/$reviewId', params: { reviewId: review.id } })}
    />
  )
}

function useColumns(): Column<ReviewView>[] {
  const t = useTranslations('reviews')
  const queue = useTranslations('queue')
  const names = useNames()
  return [
    { key: 'cause', title: t('cause'), width: 'minmax(0, 1.4fr)', cell: (review) => review.causes.map((cause) => t(cause)).join(', ') },
    { key: 'person', title: t('person'), width: '9rem', cell: (review) => <PersonName id={review.user_id} />, from: 'desktop' },
    { key: 'opened', title: t('age'), width: '8rem', cell: (review) => <Ago at={review.opened_at} />, from: 'tablet' },
    {
      key: 'who',
      title: queue('assignee'),
      width: '8rem',
      from: 'tablet',
      cell: (review) => (review.assignee_id === null ? queue('nobody') : <bdi>{names(review.assignee_id)}</bdi>),
    },
    { key: 'state', title: queue('state'), width: '7.5rem', cell: (review) => <Tag tone={TONES[review.state]}>{t(review.outcome ?? review.state)}</Tag> },
    { key: 'due', title: t('due'), width: '7.5rem', align: 'end', cell: (review) => review.state !== 'resolved' && <Due at={review.due_at} /> },
  ]
}
