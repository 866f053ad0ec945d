/** Where one is signed in, and what happened with the account of late. */
import { Button, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer, done } from '@/api/client'
import { eventsSince } from '@/api/events'
import { listSessions, revokeOtherSessions, revokeSession, type SessionOutput } from '@/api/generated'
import { Panel } from '@/components/page'
import { ErrorState, ListSkeleton } from '@/components/states'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'

import styles from './security.module.css'

const MOST_SESSIONS = 50
const SHOWN_EVENTS = 25
const DAYS_BACK = 90
const DAY_MS = 86_400_000
type EventName = Parameters<ReturnType<typeof useTranslations<'eventNames'>>>[0]

const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: async () => (await answer(listSessions({ query: { limit: MOST_SESSIONS } }))).data,
})

export function Sessions(): ReactNode {
  const t = useTranslations('security')
  const client = useQueryClient()
  const tell = useTellProblem()
  const { data, error, refetch } = useQuery(sessionsQuery)
  const { queryKey } = sessionsQuery
  const endOthers = useMutation({
    mutationFn: () => done(revokeOtherSessions()),
    onMutate: () => client.setQueryData(queryKey, (before) => before?.filter(({ is_current }) => is_current)),
    onSuccess: () => notifications.show({ message: t('othersEnded') }),
    onError: tell,
    onSettled: () => client.invalidateQueries({ queryKey }),
  })
  const hasOthers = data?.some(({ is_current }) => !is_current)
  return (
    <Panel
      title={t('sessions')}
      aside={
        hasOthers && (
          <Button variant="subtle" size="compact-sm" color="red" loading={endOthers.isPending} onClick={() => endOthers.mutate()}>
            {t('endOthers')}
          </Button>
        )
      }
    >
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <ListSkeleton rows={2} />}
      <ul className={styles['lines']}>{data?.map((session) => <Session key={session.id} session={session} />)}</ul>
    </Panel>
  )
}

function Session({ session }: { session: SessionOutput }): ReactNode {
  const t = useTranslations('security')
  const { formats } = useLanguage()
  const client = useQueryClient()
  const tell = useTellProblem()
  const { queryKey } = sessionsQuery
  const end = useMutation({
    mutationFn: () => done(revokeSession({ path: { session_id: session.id } })),
    onMutate: () => client.setQueryData(queryKey, (before) => before?.filter(({ id }) => id !== session.id)),
    onError: tell,
    onSettled: () => client.invalidateQueries({ queryKey }),
  })
  const isPhone = /Android|iPhone|iPad/.test(session.user_agent ?? '')
  return (
    <li>
      <span className={styles['lineIcon']} aria-hidden>
        {isPhone ? <IconDeviceMobile size={20} /> : <IconDeviceDesktop size={20} />}
      </span>
      <span className={styles['lineWords']}>
        <span>
          <bdi>{session.device}</bdi>
        </span>
        <small>
          {session.is_current ? t('thisOne') : t('lastSeen', { when: formatMoment(session.last_seen_at, formats) })}
          {session.client_address && (
            <>
              {' · '}
              <bdi dir="ltr">{session.client_address}</bdi>
            </>
          )}
        </small>
      </span>
      {!session.is_current && (
        <Button
          variant="default"
          size="compact-sm"
          loading={end.isPending}
          aria-label={t('endOne', { device: session.device })}
          onClick={() => end.mutate()}
        >
          {t('end')}
        </Button>
      )}
    </li>
  )
}

/** What the stream of events knows of the account: sign-ins from new devices, factors, passwords, addresses. */
const accountQuery = queryOptions({
  queryKey: ['account-activity'],
  queryFn: () => {
    const since = new Date(Date.now() - DAYS_BACK * DAY_MS).toISOString()
    return eventsSince(since, TYPES)
  },
})

const TYPES = [
  'authentication.account_locked',
  'authentication.email_change_requested',
  'authentication.email_changed',
  'authentication.factor_added',
  'authentication.factor_removed',
  'authentication.identity_linked',
  'authentication.identity_unlinked',
  'authentication.passkey_counter_rolled_back',
  'authentication.password_changed',
  'authentication.password_reset_issued',
  'authentication.recovery_code_used',
  'authentication.signed_in_from_new_device',
  'cards.number_revealed',
  'users.phone_removed',
  'users.phone_replaced',
  'users.phone_verified',
] as const

export function AccountActivity(): ReactNode {
  const t = useTranslations('security')
  const names = useTranslations('eventNames')
  const { formats } = useLanguage()
  const { data, error } = useQuery(accountQuery)
  return (
    <Panel title={t('activity')}>
      {error && !data && <ErrorState error={error} />}
      {!data && !error && <ListSkeleton rows={3} />}
      {data?.length === 0 && <Text c="dimmed">{t('noActivity')}</Text>}
      <ul className={styles['lines']}>
        {data?.slice(0, SHOWN_EVENTS).map((event) => (
          <li key={event.id}>
            <span className={styles['lineWords']}>
              <span>{names(event.type as EventName)}</span>
              <small>{formatMoment(event.timestamp, formats)}</small>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
