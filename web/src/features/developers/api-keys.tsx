import { Button, MultiSelect, Select, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconKey } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer, done } from '@/api/client'
import { apiKeysQuery } from '@/api/developers'
import { type ApiKeyInput, type ApiKeyOutput, createApiKey, revokeApiKey, rotateApiKey } from '@/api/generated'
import { once, useIntent } from '@/api/intents'
import { meQuery } from '@/api/queries'
import { Panel } from '@/components/page'
import { EmptyState, ErrorState, ListSkeleton } from '@/components/states'
import { Declined, useStepUp } from '@/components/step-up'
import { formatDay, formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'

import styles from './developers.module.css'
import { SecretOnce } from './secret-once'

const DAYS = [7, 30, 90] as const
const DAY_MS = 86_400_000
const OVERLAP_HOURS = 24
type Scope = ApiKeyInput['scopes'][number]

function inDays(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString()
}

export default function ApiKeys(): ReactNode {
  const t = useTranslations('developers')
  const { data, error, refetch } = useQuery(apiKeysQuery)
  const me = useQuery(meQuery).data
  const [secret, setSecret] = useState<string | null>(null)
  const alive = data?.filter(({ revoked_at }) => revoked_at === null)
  return (
    <div className={styles['stack']}>
      <Panel title={t('keys')} flush>
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {!data && !error && <ListSkeleton rows={2} />}
        {alive?.length === 0 && <EmptyState icon={<IconKey size={28} />} title={t('noKeysTitle')} text={t('noKeysText')} />}
        <ul className={styles['keys']}>
          {alive?.map((key) => <Key key={key.id} apiKey={key} shown={setSecret} />)}
        </ul>
      </Panel>
      {me?.permissions.includes('api_keys.write') && <Create scopes={me.permissions as Scope[]} shown={setSecret} />}
      <SecretOnce secret={secret} close={() => setSecret(null)} />
    </div>
  )
}

function Key({ apiKey, shown }: { apiKey: ApiKeyOutput; shown: (secret: string | null) => void }): ReactNode {
  const t = useTranslations('developers')
  const { formats } = useLanguage()
  const client = useQueryClient()
  const guarded = useStepUp()
  const tell = useTellProblem()
  const path = { api_key_id: apiKey.id }
  const refresh = () => client.invalidateQueries({ queryKey: apiKeysQuery.queryKey })
  const unlessDeclined = (error: unknown) => {
    if (!(error instanceof Declined)) {
      tell(error)
    }
  }
  const revoke = useMutation({
    mutationFn: () => guarded(() => done(revokeApiKey({ path }))),
    onSuccess: () => {
      notifications.show({ message: t('revoked', { name: apiKey.name }) })
      return refresh()
    },
    onError: unlessDeclined,
  })
  const rotate = useMutation({
    mutationFn: () =>
      guarded(() =>
        answer(rotateApiKey({ path, body: { expires_at: inDays(DAYS[2]), overlap_hours: OVERLAP_HOURS }, headers: once() })),
      ),
    onSuccess: ({ key }) => {
      shown(key)
      return refresh()
    },
    onError: unlessDeclined,
  })
  return (
    <li>
      <span className={styles['lineWords']}>
        <strong>{apiKey.name}</strong>
        <small>
          {t('expires', { day: formatDay(apiKey.expires_at, formats) })}
          {' · '}
          {apiKey.last_used_at ? t('lastUsed', { when: formatMoment(apiKey.last_used_at, formats) }) : t('neverUsed')}
        </small>
        <small>
          <bdi dir="ltr">{apiKey.scopes.join(' ')}</bdi>
        </small>
      </span>
      {apiKey.replaced_by === null && (
        <Button size="compact-sm" variant="default" loading={rotate.isPending} onClick={() => rotate.mutate()}>
          {t('rotateKey')}
        </Button>
      )}
      <Button size="compact-sm" variant="light" color="red" loading={revoke.isPending} onClick={() => revoke.mutate()}>
        {t('revoke')}
      </Button>
    </li>
  )
}

function Create({ scopes, shown }: { scopes: readonly Scope[]; shown: (secret: string | null) => void }): ReactNode {
  const t = useTranslations('developers')
  const client = useQueryClient()
  const guarded = useStepUp()
  const tell = useTellProblem()
  const intent = useIntent()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<string[]>([])
  const [days, setDays] = useState<string>(String(DAYS[1]))
  const create = useMutation({
    mutationFn: () =>
      guarded(() =>
        answer(
          createApiKey({
            body: { name: name.trim(), scopes: chosen as Scope[], expires_at: inDays(Number(days)) },
            headers: intent.headers(),
          }),
        ),
      ),
    onSuccess: ({ key }) => {
      intent.fulfilled()
      setName('')
      shown(key)
      void client.invalidateQueries({ queryKey: apiKeysQuery.queryKey })
    },
    onError: (error) => {
      intent.fulfilled()
      if (!(error instanceof Declined)) {
        tell(error)
      }
    },
  })
  return (
    <Panel title={t('newKey')}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <TextInput label={t('keyName')} maxLength={60} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <MultiSelect label={t('scopes')} searchable size="md" value={chosen} data={[...scopes]} onChange={setChosen} />
        <Select
          label={t('validFor')}
          allowDeselect={false}
          value={days}
          data={DAYS.map((count) => ({ value: String(count), label: t('days', { count }) }))}
          onChange={(picked) => setDays(picked ?? days)}
        />
        <Text size="sm" c="dimmed">
          {t('keyText')}
        </Text>
        <Button type="submit" loading={create.isPending} disabled={name.trim() === '' || chosen.length === 0}>
          {t('createKey')}
        </Button>
      </form>
    </Panel>
  )
}
