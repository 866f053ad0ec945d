import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconBell, IconDeviceMobile, IconMail, IconMessage } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { personMessagesQuery } from '@/api/console-queries'
import { type CardwrightNotificationsDeliveriesApiDeliveryOutput as Delivery, resendNotification } from '@/api/generated'
import { once } from '@/api/intents'
import { useMay } from '@/api/may'
import { Panel } from '@/components/page'
import { ErrorState, ListSkeleton } from '@/components/states'
import { Tag, type Tone } from '@/components/tag'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'
import { wordOf } from '@/lib/words'

import styles from './customer.module.css'

const ICONS = { email: IconMail, sms: IconMessage, push: IconDeviceMobile, in_app: IconBell }
const FAILED: ReadonlySet<string> = new Set(['failed', 'undeliverable'])
const ARRIVED: ReadonlySet<string> = new Set(['sent', 'delivered'])

/** What somebody was told on which channel, and what became of it; what did not arrive can be sent again. */
export function Messages({ userId }: { userId: string }): ReactNode {
  const t = useTranslations('customers')
  const common = useTranslations('common')
  const list = useInfiniteQuery(personMessagesQuery(userId))
  const messages = list.data?.pages.flatMap((page) => page.data)
  return (
    <Panel title={t('messages')} flush>
      {list.error && !messages && <ErrorState error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <ListSkeleton rows={3} />}
      {messages?.length === 0 && <p className={styles['flushText']}>{t('noMessages')}</p>}
      {messages && messages.length > 0 && (
        <ul className={styles['rows']}>
          {messages.map((message) => (
            <Message key={message.id} message={message} userId={userId} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <div className={styles['more']}>
          <Button variant="subtle" size="compact-sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {common('more')}
          </Button>
        </div>
      )}
    </Panel>
  )
}

function Message({ message, userId }: { message: Delivery; userId: string }): ReactNode {
  const t = useTranslations('customers')
  const states = useTranslations('customers.messageStates')
  const events = useTranslations('eventNames')
  const { formats, locale } = useLanguage()
  const may = useMay()
  const Icon = ICONS[message.channel]
  const tone: Tone = FAILED.has(message.state) ? 'bad' : ARRIVED.has(message.state) ? 'good' : 'plain'
  return (
    <li>
      <Icon size={18} stroke={1.75} aria-label={t(message.channel)} />
      <span className={styles['words']}>
        <span className={styles['name']}>{wordOf(events, message.event_type)}</span>
        <small>
          {formatMoment(message.created_at, formats)}
          {locale === 'en' && ` · ${message.explanation}`}
        </small>
      </span>
      <Tag tone={tone}>{wordOf(states, message.state)}</Tag>
      {FAILED.has(message.state) && may('message_deliveries.resend') && <Resend message={message} userId={userId} />}
    </li>
  )
}

function Resend({ message, userId }: { message: Delivery; userId: string }): ReactNode {
  const t = useTranslations('customers')
  const client = useQueryClient()
  const tell = useTellProblem()
  const resend = useMutation({
    mutationFn: () => answer(resendNotification({ path: { notification_id: message.id }, headers: once() })),
    onSuccess: async () => {
      notifications.show({ message: t('resent') })
      await client.invalidateQueries({ queryKey: personMessagesQuery(userId).queryKey })
    },
    onError: tell,
  })
  return (
    <Button variant="default" size="compact-sm" loading={resend.isPending} onClick={() => resend.mutate()}>
      {t('resend')}
    </Button>
  )
}
