import { Button, Select, TextInput } from '@mantine/core'
import { IconListDetails, IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { createRuleList, type ListKind } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { useMay } from '@/api/may'
import { asList, DataTable } from '@/components/data-table'
import { Panel } from '@/components/page'
import { SidePanel } from '@/components/side-panel'
import { ErrorState } from '@/components/states'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import { ruleListsQuery } from './queries'
import styles from './rules.module.css'
import { RulesPage } from './section'

const KINDS = ['text', 'country', 'currency', 'category'] as const satisfies ListKind[]

export function Lists(): ReactNode {
  const t = useTranslations('rules')
  const may = useMay()
  const { formats } = useLanguage()
  const query = useQuery(ruleListsQuery)
  const [adding, setAdding] = useState(false)
  return (
    <RulesPage
      title={t('lists')}
      actions={
        may('rules.write') && (
          <Button leftSection={<IconPlus size={18} />} onClick={() => setAdding(true)}>
            {t('newList')}
          </Button>
        )
      }
    >
      <Panel flush>
        <DataTable
          label={t('lists')}
          list={asList(query)}
          rowKey={({ id }) => id}
          to={({ id }) => ({ to: '/console/rules/lists/$listId', params: { listId: id } })}
          empty={{ title: t('noListsTitle'), text: t('noListsText'), icon: <IconListDetails size={28} /> }}
          columns={[
            { key: 'name', title: t('name'), cell: ({ name }) => <span className={styles['code']}>lists.{name}</span> },
            { key: 'text', title: t('description'), width: 'minmax(0, 2fr)', from: 'tablet', cell: ({ description }) => <bdi>{description}</bdi> },
            { key: 'kind', title: t('kind'), width: '8rem', cell: ({ kind }) => t(`listKinds.${kind}`) },
            { key: 'made', title: t('made'), width: '9rem', from: 'desktop', align: 'end', cell: (list) => formatDay(list.created_at, formats) },
          ]}
        />
      </Panel>
      {adding && <NewList close={() => setAdding(false)} />}
    </RulesPage>
  )
}

function NewList({ close }: { close: () => void }): ReactNode {
  const t = useTranslations('rules')
  const client = useQueryClient()
  const navigate = useNavigate()
  const { headers, fulfilled } = useIntent()
  const [name, setName] = useState('')
  const [kind, setKind] = useState<ListKind>('text')
  const [description, setDescription] = useState('')
  const create = useMutation({
    mutationFn: () => answer(createRuleList({ body: { name, kind, description }, headers: headers() })),
    onSuccess: async ({ id }) => {
      fulfilled()
      await client.invalidateQueries({ queryKey: ['rules', 'lists'] })
      await navigate({ to: '/console/rules/lists/$listId', params: { listId: id } })
    },
  })
  return (
    <SidePanel title={t('newList')} close={close}>
      <form
        className={styles['tight']}
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <TextInput label={t('name')} description={t('nameHint')} dir="ltr" required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select label={t('kind')} allowDeselect={false} data={KINDS.map((value) => ({ value, label: t(`listKinds.${value}`) }))} value={kind} onChange={(value) => setKind(value as ListKind)} />
        <TextInput label={t('description')} required value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
        {create.error && <ErrorState error={create.error} />}
        <Button type="submit" loading={create.isPending}>
          {t('newList')}
        </Button>
      </form>
    </SidePanel>
  )
}
