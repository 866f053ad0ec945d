import { Button, MultiSelect, TextInput } from '@mantine/core'
import { IconWebhook } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { endpointsQuery, eventTypesQuery } from '@/api/developers'
import { createWebhookEndpoint } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { Panel } from '@/components/page'
import { EmptyState, ErrorState, ListSkeleton } from '@/components/states'
import { Declined, useStepUp } from '@/components/step-up'
import { useTellProblem } from '@/lib/problem-text'

import styles from './developers.module.css'
import { Endpoint } from './endpoint'
import { SecretOnce } from './secret-once'

const EVERYTHING = '*'

export default function Webhooks(): ReactNode {
  const t = useTranslations('developers')
  const { data, error, refetch } = useQuery(endpointsQuery)
  const [secret, setSecret] = useState<string | null>(null)
  return (
    <div className={styles['stack']}>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <ListSkeleton rows={2} />}
      {data?.length === 0 && (
        <Panel>
          <EmptyState icon={<IconWebhook size={28} />} title={t('noEndpointsTitle')} text={t('noEndpointsText')} />
        </Panel>
      )}
      {data?.map((endpoint) => <Endpoint key={endpoint.id} endpoint={endpoint} shown={setSecret} />)}
      <Create shown={setSecret} />
      <SecretOnce secret={secret} close={() => setSecret(null)} />
    </div>
  )
}

function Create({ shown }: { shown: (secret: string | null) => void }): ReactNode {
  const t = useTranslations('developers')
  const client = useQueryClient()
  const guarded = useStepUp()
  const tell = useTellProblem()
  const intent = useIntent()
  const types = useQuery(eventTypesQuery).data ?? []
  const [url, setUrl] = useState('')
  const [description, setDescription] = useState('')
  const [chosen, setChosen] = useState<string[]>([EVERYTHING])
  const create = useMutation({
    mutationFn: () =>
      guarded(() =>
        answer(
          createWebhookEndpoint({
            body: { url: url.trim(), event_types: chosen, description: description.trim() },
            headers: intent.headers(),
          }),
        ),
      ),
    onSuccess: (made) => {
      intent.fulfilled()
      setUrl('')
      setDescription('')
      shown(made.secret)
      void client.invalidateQueries({ queryKey: endpointsQuery.queryKey })
    },
    onError: (error) => {
      intent.fulfilled()
      if (!(error instanceof Declined)) {
        tell(error)
      }
    },
  })
  return (
    <Panel title={t('newEndpoint')}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <TextInput
          label={t('url')}
          placeholder="https://hooks.example.com/cards"
          type="url"
          dir="ltr"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <TextInput
          label={t('description')}
          value={description}
          maxLength={200}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <MultiSelect
          label={t('types')}
          searchable
          size="md"
          value={chosen}
          data={[{ value: EVERYTHING, label: t('everything') }, ...types.map(({ name }) => ({ value: name, label: name }))]}
          onChange={(picked) =>
            setChosen(picked.at(-1) === EVERYTHING ? [EVERYTHING] : picked.filter((type) => type !== EVERYTHING))
          }
        />
        <Button type="submit" loading={create.isPending} disabled={url.trim() === '' || chosen.length === 0}>
          {t('createEndpoint')}
        </Button>
      </form>
    </Panel>
  )
}
