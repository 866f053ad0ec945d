import { Button } from '@mantine/core'
import { IconBell, IconCreditCard, IconCreditCardOff, IconId, IconInbox, IconShieldLock, IconWallet } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { NotificationAnswer } from '@/api/generated'
import { notificationsQuery } from '@/api/queries'
import { Page, Panel } from '@/components/page'
import { EmptyState, ErrorState, ListSkeleton } from '@/components/states'
import { formatMoment, withMoments } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import styles from './inbox.module.css'

export function Inbox(): ReactNode {
  const t = useTranslations('inbox')
  const common = useTranslations('common')
  const query = useInfiniteQuery(notificationsQuery)
  const told = query.data?.pages.flatMap((page) => page.data)
  return (
    <Page title={t('title')} narrow>
      <Panel flush>
        {query.error && !told && <ErrorState error={query.error} retry={() => void query.refetch()} />}
        {query.isPending && <ListSkeleton rows={8} />}
        {told?.length === 0 && <EmptyState icon={<IconInbox size={28} />} title={t('emptyTitle')} text={t('emptyText')} />}
        {told !== undefined && told.length > 0 && (
          <ul className={styles['list']}>
            {told.map((notification) => (
              <Told key={notification.id} notification={notification} />
            ))}
          </ul>
        )}
        {query.hasNextPage && (
          <div className={styles['more']}>
            <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {common('more')}
            </Button>
          </div>
        )}
      </Panel>
    </Page>
  )
}

function Told({ notification }: { notification: NotificationAnswer }): ReactNode {
  const { formats } = useLanguage()
  const isBad = notification.event_type.endsWith('declined')
  return (
    <li className={styles['item']}>
      <span className={styles['icon']} data-bad={isBad || undefined} aria-hidden>
        {iconOf(notification.event_type)}
      </span>
      <div className={styles['words']}>
        <div className={styles['head']}>
          <h2>
            <bdi>{notification.title}</bdi>
          </h2>
          <time dateTime={notification.created_at}>{formatMoment(notification.created_at, formats)}</time>
        </div>
        <p dir="auto">{withMoments(notification.body, formats)}</p>
      </div>
    </li>
  )
}

function iconOf(type: string): ReactNode {
  if (type.endsWith('declined')) {
    return <IconCreditCardOff size={20} />
  }
  switch (type.split('.')[0]) {
    case 'payments':
    case 'cards':
      return <IconCreditCard size={20} />
    case 'funding':
    case 'ledger':
      return <IconWallet size={20} />
    case 'kyc':
      return <IconId size={20} />
    case 'authentication':
      return <IconShieldLock size={20} />
    default:
      return <IconBell size={20} />
  }
}
