import { IconScale } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { disputesQuery } from '@/api/disputes'
import type { DisputeView } from '@/api/generated'
import { ButtonLink } from '@/components/button-link'
import { Money } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { EmptyState, ErrorState, ListSkeleton } from '@/components/states'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { merchantName } from '@/lib/words'

import styles from './disputes.module.css'
import { DisputeState } from './state'

export function Disputes(): ReactNode {
  const t = useTranslations('disputes')
  const app = useTranslations('app')
  const { data, error, isPending, refetch } = useQuery(disputesQuery)
  return (
    <Page title={t('title')} narrow>
      <Panel flush>
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {isPending && <ListSkeleton rows={4} />}
        {data?.length === 0 && (
          <EmptyState
            icon={<IconScale size={28} />}
            title={t('emptyTitle')}
            text={t('emptyText')}
            action={
              <ButtonLink to="/activity" variant="default">
                {app('activity')}
              </ButtonLink>
            }
          />
        )}
        {data !== undefined && data.length > 0 && (
          <ul className={styles['list']}>
            {data.map((dispute) => (
              <Row key={dispute.id} dispute={dispute} />
            ))}
          </ul>
        )}
      </Panel>
    </Page>
  )
}

function Row({ dispute }: { dispute: DisputeView }): ReactNode {
  const t = useTranslations('disputes')
  const { formats } = useLanguage()
  return (
    <li>
      <Link to="/disputes/$disputeId" params={{ disputeId: dispute.id }} className={styles['row']}>
        <span className={styles['rowWords']}>
          <strong>
            <bdi>{merchantName(dispute.merchant_name)}</bdi>
          </strong>
          <small>
            {t(`reasons.${dispute.reason}`)} · {formatDay(dispute.created_at, formats)}
          </small>
        </span>
        <span className={styles['rowEnd']}>
          <Money amount={dispute.amount} currency={dispute.currency} />
          <DisputeState state={dispute.state} />
        </span>
      </Link>
    </li>
  )
}
