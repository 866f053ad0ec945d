import { Button } from '@mantine/core'
import {
  IconBell,
  IconChecks,
  IconCreditCard,
  IconCreditCardOff,
  IconId,
  IconInbox,
  IconScale,
  IconSettings,
  IconShieldLock,
  IconWallet,
} from '@tabler/icons-react'
import { type InfiniteData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { markRead, markReadUpTo, type NotificationAnswer, type PageNotificationAnswer } from '@/api/generated'
import { notificationsQuery, unreadQuery } from '@/api/queries'
import { ButtonLink } from '@/components/button-link'
import { Page, Panel } from '@/components/page'
import { EmptyState, ErrorState, ListSkeleton } from '@/components/states'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'
import { told } from '@/lib/told'

import styles from './inbox.module.css'

export function Inbox(): ReactNode {
  const t = useTranslations('inbox')
  const common = useTranslations('common')
  const query = useInfiniteQuery(notificationsQuery)
  const { data: unread = 0 } = useQuery(unreadQuery)
  const messages = query.data?.pages.flatMap((page) => page.data)
  const newest = messages?.[0]
  const { one, all } = useReading()
  return (
    <Page
      title={t('title')}
      narrow
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconChecks size={18} />}
            disabled={unread === 0 || newest === undefined}
            onClick={() => newest && all.mutate(newest.id)}
          >
            {t('readAll')}
          </Button>
          <ButtonLink to="/notification-preferences" variant="default" leftSection={<IconSettings size={18} />}>
            {t('preferences')}
          </ButtonLink>
        </>
      }
    >
      <Panel flush>
        {query.error && !messages && <ErrorState error={query.error} retry={() => void query.refetch()} />}
        {query.isPending && <ListSkeleton rows={8} />}
        {messages?.length === 0 && <EmptyState icon={<IconInbox size={28} />} title={t('emptyTitle')} text={t('emptyText')} />}
        {messages !== undefined && messages.length > 0 && (
          <ul className={styles['list']}>
            {messages.map((notification) => (
              <Told key={notification.id} notification={notification} read={() => one.mutate(notification.id)} />
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

/** Reading shows at once; the count comes back from the server, and by the stream to every other window. */
function useReading() {
  const client = useQueryClient()
  const tell = useTellProblem()
  const { queryKey } = notificationsQuery
  const mark = (isRead: (notification: NotificationAnswer) => boolean) => {
    const now = new Date().toISOString()
    const marked = (notification: NotificationAnswer) =>
      isRead(notification) ? { ...notification, read_at: notification.read_at ?? now } : notification
    client.setQueryData<InfiniteData<PageNotificationAnswer, string | null>>(
      queryKey,
      (before) =>
        before && {
          ...before,
          pages: before.pages.map((page) => ({ ...page, data: page.data.map((notification) => marked(notification)) })),
        },
    )
  }
  const undo = (error: unknown) => {
    tell(error)
    void client.invalidateQueries({ queryKey })
  }
  const one = useMutation({
    mutationFn: (id: string) => answer(markRead({ path: { notification_id: id } })),
    onMutate: (id) => mark((notification) => notification.id === id),
    onSuccess: () => client.invalidateQueries({ queryKey: unreadQuery.queryKey }),
    onError: undo,
  })
  const all = useMutation({
    mutationFn: (upTo: string) => answer(markReadUpTo({ body: { up_to: upTo } })),
    onMutate: () => mark(() => true),
    onSuccess: ({ unread }) => client.setQueryData(unreadQuery.queryKey, unread),
    onError: undo,
  })
  return { one, all }
}

function Told({ notification, read }: { notification: NotificationAnswer; read: () => void }): ReactNode {
  const t = useTranslations('inbox')
  const { formats } = useLanguage()
  const isBad = notification.event_type.endsWith('declined')
  const isUnread = notification.read_at === null
  return (
    <li className={styles['item']} data-unread={isUnread || undefined}>
      <span className={styles['icon']} data-bad={isBad || undefined} aria-hidden>
        {iconOf(notification.event_type)}
      </span>
      <div className={styles['words']}>
        <div className={styles['head']}>
          <h2>
            <Link {...placeOf(notification)} className={styles['title']} onClick={() => isUnread && read()}>
              {isUnread && <span className="hidden">{t('unread')}: </span>}
              <bdi>{notification.title}</bdi>
            </Link>
          </h2>
          <time dateTime={notification.created_at}>{formatMoment(notification.created_at, formats)}</time>
        </div>
        <p>
          <bdi>{told(notification.body, formats)}</bdi>
        </p>
      </div>
    </li>
  )
}

/** The page of what somebody was told about. */
function placeOf({ about_id: about, event_type: type }: NotificationAnswer): LinkProps {
  const asks = type.startsWith('challenges.') || type.startsWith('cases.question')
  if (about !== null && !asks) {
    switch (about.split('_')[0]) {
      case 'pay':
        return { to: '/payments/$paymentId', params: { paymentId: about } }
      case 'card':
        return { to: '/cards/$cardId', params: { cardId: about } }
      case 'disp':
        return { to: '/disputes/$disputeId', params: { disputeId: about } }
      default:
    }
  }
  switch (type.split('.')[0]) {
    case 'challenges':
    case 'cases':
      return { to: '/approvals' }
    case 'funding':
    case 'ledger':
      return { to: '/money' }
    case 'kyc':
      return { to: '/identity' }
    case 'authentication':
    case 'users':
      return { to: '/security' }
    case 'webhooks':
      return { to: '/developers' }
    default:
      return { to: '/inbox' }
  }
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
    case 'challenges':
      return <IconShieldLock size={20} />
    case 'disputes':
      return <IconScale size={20} />
    default:
      return <IconBell size={20} />
  }
}
