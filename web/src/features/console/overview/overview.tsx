/** What staff see first: how the program decides right now, what waits for people, and how vendors answer. */
import { SegmentedControl, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { overviewQuery } from '@/api/console-queries'
import { Allowed } from '@/components/allowed'
import { Page, Panel } from '@/components/page'
import { ErrorState } from '@/components/states'

import { Declines, Stages } from './bars'
import { Channels, Senders } from './health'
import styles from './overview.module.css'
import { Queues } from './queues'
import { Tiles } from './tiles'
import { Traffic } from './traffic'

const SPANS = [1, 24, 168] as const

export function Overview(): ReactNode {
  const t = useTranslations('overview')
  const { hours = 24 } = useSearch({ from: '/console/' })
  const navigate = useNavigate({ from: '/console/' })
  return (
    <Page
      title={t('title')}
      wide
      actions={
        <SegmentedControl
          size="sm"
          aria-label={t('span')}
          value={String(hours)}
          onChange={(chosen) => void navigate({ search: { hours: Number(chosen) }, replace: true })}
          data={SPANS.map((value) => ({ value: String(value), label: t(`span_${value}`) }))}
        />
      }
    >
      <Allowed needs="overview.read">
        <Figures hours={hours} />
      </Allowed>
    </Page>
  )
}

function Figures({ hours }: { hours: number }): ReactNode {
  const t = useTranslations('overview')
  const { data, error, refetch } = useQuery({ ...overviewQuery(hours), placeholderData: (before) => before })
  if (!data) {
    return error ? <ErrorState error={error} retry={() => void refetch()} /> : <Waiting />
  }
  return (
    <div className={styles['figures']}>
      <Tiles figures={data} />
      <div className={styles['two']}>
        <Panel title={t('traffic')}>
          <Traffic figures={data} />
        </Panel>
        <Panel title={t('queues')} flush>
          <Queues figures={data} />
        </Panel>
      </div>
      <div className={styles['three']}>
        <Panel title={t('declines')}>
          <Declines figures={data} />
        </Panel>
        <Panel title={t('stages')} aside={<span className={styles['quiet']}>{t('timed', { count: data.timed })}</span>}>
          <Stages figures={data} />
        </Panel>
        <Panel title={t('vendors')}>
          <Senders figures={data} />
          <Channels figures={data} />
        </Panel>
      </div>
    </div>
  )
}

function Waiting(): ReactNode {
  const t = useTranslations('common')
  return (
    <div className={styles['figures']} role="status" aria-label={t('loading')}>
      <Skeleton h={104} radius="lg" />
      <div className={styles['two']}>
        <Skeleton h={320} radius="lg" />
        <Skeleton h={320} radius="lg" />
      </div>
    </div>
  )
}
