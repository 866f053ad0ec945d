/** The cards that money comes from, and when it comes by itself. */
import { ActionIcon, Button, Menu, Skeleton, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconCreditCard, IconDots, IconExternalLink, IconStar, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer, done } from '@/api/client'
import { changePaymentMethod, keepPaymentMethod, type MethodOutput, removePaymentMethod } from '@/api/generated'
import { once } from '@/api/intents'
import { methodsQuery } from '@/api/money'
import { expiry } from '@/components/card-face'
import { Page, Panel } from '@/components/page'
import { EmptyState, ErrorState } from '@/components/states'
import { useTellProblem } from '@/lib/problem-text'
import { brandName } from '@/lib/words'

import { AutoTopUp } from './auto-top-up'
import { METHODS } from './methods'
import styles from './money.module.css'

export function Sources(): ReactNode {
  const t = useTranslations('money')
  const topUp = useTranslations('topUp')
  const { data, error, refetch } = useQuery(methodsQuery)
  const keep = useKeeping()
  const shown = data?.filter(({ status }) => status !== 'removed') ?? []
  return (
    <Page title={t('sources')} narrow back={{ to: '/money', label: t('title') }}>
      <Panel title={t('kept')} flush>
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {!data && !error && <Skeleton h={64} mx="lg" />}
        {data && shown.length === 0 && (
          <EmptyState icon={<IconCreditCard size={28} />} title={t('noneKeptTitle')} text={t('noneKeptText')} />
        )}
        <ul className={styles['moves']}>
          {shown.map((method) => (
            <Method key={method.id} method={method} />
          ))}
        </ul>
      </Panel>
      <Panel title={t('keepAnother')}>
        <Text c="dimmed" size="sm" mb="md">
          {topUp('testOnly')}
        </Text>
        <div className={styles['quick']}>
          {METHODS.map(({ token, name }) => (
            <Button
              key={token}
              variant="default"
              size="sm"
              loading={keep.isPending && keep.variables === token}
              onClick={() => keep.mutate(token)}
            >
              {topUp(name)}
            </Button>
          ))}
        </div>
      </Panel>
      <AutoTopUp methods={shown.filter(({ status }) => status === 'active')} />
    </Page>
  )
}

function useKeeping() {
  const t = useTranslations('money')
  const client = useQueryClient()
  const tell = useTellProblem()
  return useMutation({
    mutationFn: (token: string) => answer(keepPaymentMethod({ body: { payment_method_token: token }, headers: once() })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: methodsQuery.queryKey })
      notifications.show({ message: t('keeping') })
    },
    onError: tell,
  })
}

function Method({ method }: { method: MethodOutput }): ReactNode {
  const t = useTranslations('money')
  return (
    <li className={styles['move']} data-status={method.status}>
      <span className={styles['moveIcon']} aria-hidden>
        <IconCreditCard size={18} />
      </span>
      <span className={styles['moveWords']}>
        <span>
          {method.card ? (
            <bdi dir="ltr">
              {brandName(method.card.brand)} •• {method.card.last4}
            </bdi>
          ) : (
            (method.label ?? t('aCard'))
          )}
        </span>
        <small>
          {method.card && expiry(method.card)}
          {method.is_default && ` · ${t('default')}`}
          {method.status === 'failed' && (method.reason ?? t('methodStates.failed'))}
          {method.status === 'requested' && t('methodStates.requested')}
        </small>
      </span>
      {method.status === 'requires_action' && method.action_url && (
        <Button
          component="a"
          size="sm"
          href={method.action_url}
          target="_blank"
          rel="noreferrer"
          rightSection={<IconExternalLink size={16} />}
        >
          {t('confirmAtBank')}
        </Button>
      )}
      <Deeds method={method} />
    </li>
  )
}

function Deeds({ method }: { method: MethodOutput }): ReactNode {
  const t = useTranslations('money')
  const client = useQueryClient()
  const tell = useTellProblem()
  const path = { payment_method_id: method.id }
  const { queryKey } = methodsQuery
  const choose = useMutation({
    mutationFn: () => answer(changePaymentMethod({ path, body: { is_default: true } })),
    onSuccess: () => client.invalidateQueries({ queryKey }),
    onError: tell,
  })
  const remove = useMutation({
    mutationFn: () => done(removePaymentMethod({ path })),
    onMutate: () => client.setQueryData(queryKey, (before) => before?.filter(({ id }) => id !== method.id)),
    onSuccess: () => notifications.show({ message: t('removed') }),
    onError: tell,
    onSettled: () => client.invalidateQueries({ queryKey }),
  })
  return (
    <Menu position="bottom-end" shadow="md" radius="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('more', { last4: method.card?.last4 ?? '' })}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {method.status === 'active' && !method.is_default && (
          <Menu.Item leftSection={<IconStar size={16} />} onClick={() => choose.mutate()}>
            {t('makeDefault')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconTrash size={16} />} color="red" onClick={() => remove.mutate()}>
          {t('remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
