import { Button, Menu, Select, Switch, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDots, IconKey, IconPlayerPlay, IconReload, IconTrash } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer, done } from '@/api/client'
import { deliveriesQuery, endpointsQuery } from '@/api/developers'
import {
  changeWebhookEndpoint,
  type CardwrightWebhooksDeliverySchemasDeliveryOutput as Delivery,
  deleteWebhookEndpoint,
  type DeliveryState,
  type EndpointOutput,
  replayWebhookDelivery,
  replayWebhookEndpoint,
  rotateWebhookSecret,
  testWebhookEndpoint,
} from '@/api/generated'
import { once } from '@/api/intents'
import { Confirm } from '@/components/confirm'
import { Panel } from '@/components/page'
import { ListSkeleton } from '@/components/states'
import { Declined, useStepUp } from '@/components/step-up'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'

import styles from './developers.module.css'

const STATES = ['pending', 'succeeded', 'failed', 'canceled'] as const satisfies DeliveryState[]
const TONES: Partial<Record<DeliveryState, string>> = { succeeded: 'good', failed: 'bad', pending: 'waiting' }
const OVERLAP_HOURS = 24
const DAY_MS = 86_400_000

/** Whatever is done with an endpoint needs a factor used lately; what is refused for want of it is tried again. */
function useDeed<T>(act: () => Promise<T>, succeeded: (made: T) => void) {
  const client = useQueryClient()
  const guarded = useStepUp()
  const tell = useTellProblem()
  return useMutation({
    mutationFn: () => guarded(act),
    onSuccess: (made) => {
      succeeded(made)
      void client.invalidateQueries({ queryKey: endpointsQuery.queryKey })
    },
    onError: (error) => {
      if (!(error instanceof Declined)) {
        tell(error)
      }
    },
  })
}

export function Endpoint({ endpoint, shown }: { endpoint: EndpointOutput; shown: (secret: string | null) => void }): ReactNode {
  const t = useTranslations('developers')
  const { formats } = useLanguage()
  const path = { webhook_endpoint_id: endpoint.id }
  const toggle = useDeed(
    () => answer(changeWebhookEndpoint({ path, body: { is_enabled: !endpoint.is_enabled } })),
    () => undefined,
  )
  return (
    <Panel
      title={
        <bdi dir="ltr" className={styles['url']}>
          {endpoint.url}
        </bdi>
      }
      aside={
        <Switch
          label={t('enabled')}
          checked={endpoint.is_enabled}
          disabled={toggle.isPending}
          onChange={() => toggle.mutate()}
        />
      }
    >
      <div className={styles['about']}>
        {endpoint.description && <Text c="dimmed">{endpoint.description}</Text>}
        <Text size="sm" c="dimmed">
          {endpoint.event_types.includes('*') ? t('everything') : endpoint.event_types.join(', ')}
        </Text>
        {endpoint.disabled_because && <p className={styles['notice']}>{t(`disabled.${endpoint.disabled_because}`)}</p>}
        {endpoint.failing_since && (
          <p className={styles['notice']}>{t('failingSince', { when: formatMoment(endpoint.failing_since, formats) })}</p>
        )}
        {endpoint.secret_ends_at && (
          <Text size="sm" c="dimmed">
            {t('oldSecretUntil', { when: formatMoment(endpoint.secret_ends_at, formats) })}
          </Text>
        )}
      </div>
      <Deeds endpoint={endpoint} shown={shown} />
      <Deliveries endpoint={endpoint} />
    </Panel>
  )
}

function Deeds({ endpoint, shown }: { endpoint: EndpointOutput; shown: (secret: string | null) => void }): ReactNode {
  const t = useTranslations('developers')
  const [asking, setAsking] = useState(false)
  const path = { webhook_endpoint_id: endpoint.id }
  const test = useDeed(
    () => answer(testWebhookEndpoint({ path, headers: once() })),
    () => notifications.show({ message: t('testSent') }),
  )
  const rotate = useDeed(
    () => answer(rotateWebhookSecret({ path, body: { overlap_hours: OVERLAP_HOURS }, headers: once() })),
    ({ secret }) => shown(secret),
  )
  const replay = useDeed(
    () => {
      const since = new Date(Date.now() - DAY_MS).toISOString()
      return answer(replayWebhookEndpoint({ path, body: { since, which: 'failed' }, headers: once() }))
    },
    () => notifications.show({ message: t('replayed') }),
  )
  const remove = useDeed(
    () => done(deleteWebhookEndpoint({ path })),
    () => setAsking(false),
  )
  return (
    <div className={styles['deeds']}>
      <Button size="sm" variant="default" leftSection={<IconPlayerPlay size={16} />} loading={test.isPending} onClick={() => test.mutate()}>
        {t('test')}
      </Button>
      <Menu position="bottom-start" shadow="md" radius="md">
        <Menu.Target>
          <Button size="sm" variant="default" leftSection={<IconDots size={16} />}>
            {t('more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconReload size={16} />} onClick={() => replay.mutate()}>
            {t('replayFailed')}
          </Menu.Item>
          <Menu.Item leftSection={<IconKey size={16} />} onClick={() => rotate.mutate()}>
            {t('rotate')}
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={16} />} color="red" onClick={() => setAsking(true)}>
            {t('delete')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={asking}
        close={() => setAsking(false)}
        title={t('deleteTitle')}
        text={t('deleteText')}
        keep={t('keep')}
        go={t('delete')}
        isPending={remove.isPending}
        onGo={() => remove.mutate()}
      />
    </div>
  )
}

function Deliveries({ endpoint }: { endpoint: EndpointOutput }): ReactNode {
  const t = useTranslations('developers')
  const common = useTranslations('common')
  const [state, setState] = useState<DeliveryState | null>(null)
  const query = useInfiniteQuery(deliveriesQuery(endpoint.id, state))
  const deliveries = query.data?.pages.flatMap(({ data }) => data)
  return (
    <section className={styles['deliveries']}>
      <div className={styles['deliveriesHead']}>
        <h3>{t('deliveries')}</h3>
        <Select
          aria-label={t('state')}
          size="xs"
          clearable
          placeholder={t('anyState')}
          value={state}
          data={STATES.map((value) => ({ value, label: t(`states.${value}`) }))}
          onChange={(chosen) => setState(chosen as DeliveryState | null)}
        />
      </div>
      {!deliveries && <ListSkeleton rows={2} />}
      {deliveries?.length === 0 && (
        <Text c="dimmed" size="sm">
          {t('noDeliveries')}
        </Text>
      )}
      <ul className={styles['lines']}>
        {deliveries?.map((delivery) => <Line key={delivery.id} delivery={delivery} />)}
      </ul>
      {query.hasNextPage && (
        <Button size="xs" variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {common('more')}
        </Button>
      )}
    </section>
  )
}

function Line({ delivery }: { delivery: Delivery }): ReactNode {
  const t = useTranslations('developers')
  const { formats } = useLanguage()
  const replay = useDeed(
    () => answer(replayWebhookDelivery({ path: { webhook_delivery_id: delivery.id }, headers: once() })),
    () => undefined,
  )
  const result = delivery.last_status === null ? delivery.last_error : `HTTP ${delivery.last_status}`
  return (
    <li>
      <span className={styles['state']} data-tone={TONES[delivery.state]}>
        {t(`states.${delivery.state}`)}
      </span>
      <span className={styles['lineWords']}>
        <code dir="ltr">{delivery.event_type}</code>
        <small>
          {formatMoment(delivery.created_at, formats)} · {t('attempts', { count: delivery.attempts })}
          {result && (
            <>
              {' · '}
              <bdi dir="ltr">{result}</bdi>
            </>
          )}
        </small>
      </span>
      {delivery.state !== 'pending' && (
        <Button size="compact-sm" variant="subtle" loading={replay.isPending} onClick={() => replay.mutate()}>
          {t('again')}
        </Button>
      )}
    </li>
  )
}
