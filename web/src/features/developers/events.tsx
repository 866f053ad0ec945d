import { Select } from '@mantine/core'
import { IconActivity } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { eventsQuery, eventTypesQuery } from '@/api/developers'
import type { EventView } from '@/api/generated'
import { Panel } from '@/components/page'
import { EmptyState, ErrorState, ListSkeleton } from '@/components/states'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import styles from './developers.module.css'

const SPANS = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const
type Span = keyof typeof SPANS

function sinceNow(span: Span): string {
  return new Date(Date.now() - SPANS[span]).toISOString()
}

export default function Events(): ReactNode {
  const t = useTranslations('developers')
  const types = useQuery(eventTypesQuery).data ?? []
  const [span, setSpan] = useState<Span>('day')
  const [since, setSince] = useState(() => sinceNow('day'))
  const [type, setType] = useState<string | null>(null)
  const { data, error, refetch } = useQuery(eventsQuery(since, type))
  const summary = types.find(({ name }) => name === type)?.summary
  return (
    <div className={styles['stack']}>
      <div className={styles['filters']} role="search">
        <Select
          aria-label={t('type')}
          placeholder={t('anyType')}
          searchable
          clearable
          value={type}
          data={types.map(({ name }) => ({ value: name, label: name }))}
          onChange={setType}
        />
        <Select
          aria-label={t('since')}
          allowDeselect={false}
          value={span}
          data={(['hour', 'day', 'week'] as const).map((value) => ({ value, label: t(`spans.${value}`) }))}
          onChange={(chosen) => {
            setSpan(chosen as Span)
            setSince(sinceNow(chosen as Span))
          }}
        />
      </div>
      <Panel title={summary} flush>
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {!data && !error && <ListSkeleton rows={6} />}
        {data?.length === 0 && (
          <EmptyState icon={<IconActivity size={28} />} title={t('noEventsTitle')} text={t('noEventsText')} />
        )}
        <ul className={styles['events']}>{data?.map((event) => <Event key={event.id} event={event} />)}</ul>
      </Panel>
    </div>
  )
}

function Event({ event }: { event: EventView }): ReactNode {
  const { formats } = useLanguage()
  return (
    <li>
      <details>
        <summary>
          <code dir="ltr">{event.type}</code>
          <small>{formatMoment(event.timestamp, formats)}</small>
        </summary>
        {/* Long lines scroll, so whoever has no mouse must reach them. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <pre dir="ltr" tabIndex={0}>
          {JSON.stringify(event, null, 2)}
        </pre>
      </details>
    </li>
  )
}
