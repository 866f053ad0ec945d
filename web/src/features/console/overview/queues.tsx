import type { LinkProps } from '@tanstack/react-router'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { OverviewView } from '@/api/generated'
import { useMay } from '@/api/may'
import { Ago } from '@/components/due'
import { Tag } from '@/components/tag'
import { wordOf } from '@/lib/words'

import styles from './overview.module.css'

const PLACES: Record<string, { to: LinkProps['to']; needs: string }> = {
  cases: { to: '/console/cases', needs: 'cases.read' },
  identity_reviews: { to: '/console/reviews', needs: 'identity_reviews.read' },
  screening_hits: { to: '/console/reviews', needs: 'identity_reviews.read' },
  approvals: { to: '/console/approvals', needs: 'approvals.read' },
  disputes: { to: '/console/disputes', needs: 'disputes.read' },
}

/** Work that waits: how much, since when, how much of it is late; it leads to whoever may do it. */
export function Queues({ figures }: { figures: OverviewView }): ReactNode {
  const names = useTranslations('overview.queueNames')
  const may = useMay()
  return (
    <ul className={styles['queues']}>
      {figures.queues.map((queue) => {
        const place = PLACES[queue.name]
        const name = wordOf(names, queue.name)
        return (
          <li key={queue.name}>
            <span className={styles['queueName']}>{place && may(place.needs) ? <Link to={place.to}>{name}</Link> : name}</span>
            <Waits {...queue} />
            <b className="figures">{queue.waiting}</b>
          </li>
        )
      })}
    </ul>
  )
}

function Waits({ late, oldest_at: oldest, waiting }: OverviewView['queues'][number]): ReactNode {
  const t = useTranslations('overview')
  if (waiting === 0) {
    return <span className={styles['quiet']}>{t('nothingWaits')}</span>
  }
  return (
    <span className={styles['waits']}>
      {late > 0 && <Tag tone="bad">{t('late', { count: late })}</Tag>}
      {oldest && (
        <span className={styles['quiet']}>
          <span className="hidden">{t('oldest')}</span>
          <Ago at={oldest} />
        </span>
      )}
    </span>
  )
}
