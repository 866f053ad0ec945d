/** A named list: its entries, each with who put it there, why, and until when. */
import { ActionIcon, Button, FileButton, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconFileTypeCsv, IconPlus, IconTrash } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { importRuleListEntries, putRuleListEntries, removeRuleListEntries } from '@/api/generated'
import { useMay } from '@/api/may'
import { Allowed } from '@/components/allowed'
import { DataTable } from '@/components/data-table'
import { Page, Panel } from '@/components/page'
import { ReasonDialog } from '@/components/reason-dialog'
import { formatDay, formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import { entriesQuery, ruleListsQuery } from './queries'
import styles from './rules.module.css'

export function ListPage(): ReactNode {
  const t = useTranslations('rules')
  const may = useMay()
  const { formats } = useLanguage()
  const { listId } = useParams({ from: '/console/rules/lists/$listId' })
  const list = useQuery(ruleListsQuery).data?.find(({ id }) => id === listId)
  const query = useInfiniteQuery(entriesQuery(listId))
  const pages = query.data?.pages.map((data) => ({ data }))
  const [adding, setAdding] = useState(false)
  const [file, setFile] = useState<File | null>(null)
  const [removing, setRemoving] = useState<string | null>(null)
  const mayWrite = may('rules.write')
  return (
    <Page
      title={list?.name ?? t('lists')}
      heading={<bdi className={styles['code']}>{list ? `lists.${list.name}` : '…'}</bdi>}
      back={{ to: '/console/rules/lists', label: t('lists') }}
      actions={
        mayWrite && (
          <>
            <FileButton onChange={setFile} accept="text/csv,.csv" inputProps={{ 'aria-label': t('importFile') }}>
              {(props) => (
                <Button {...props} variant="default" leftSection={<IconFileTypeCsv size={18} />}>
                  {t('importFile')}
                </Button>
              )}
            </FileButton>
            <Button leftSection={<IconPlus size={18} />} onClick={() => setAdding(true)}>
              {t('addEntries')}
            </Button>
          </>
        )
      }
    >
      <Allowed needs="rules.read">
        {list && (
          <p className={styles['dim']}>
            <bdi>{list.description}</bdi> · {t(`listKinds.${list.kind}`)}
          </p>
        )}
        <Panel flush>
          <DataTable
            label={t('entries')}
            list={{ ...query, data: pages && { pages } }}
            rowKey={({ value }) => value}
            empty={{ title: t('noEntriesTitle'), text: t('noEntriesText') }}
            columns={[
              { key: 'value', title: t('value'), cell: ({ value }) => <bdi className={styles['code']}>{value}</bdi> },
              { key: 'reason', title: t('why'), width: 'minmax(0, 2fr)', from: 'tablet', cell: ({ reason }) => <bdi>{reason}</bdi> },
              { key: 'ends', title: t('ends'), width: '8.5rem', cell: (entry) => (entry.expires_at ? formatDay(entry.expires_at, formats) : t('never')) },
              { key: 'added', title: t('added'), width: '9rem', from: 'desktop', cell: (entry) => formatMoment(entry.added_at, formats) },
              {
                key: 'remove',
                title: '',
                width: '2.5rem',
                align: 'end',
                cell: ({ value }) =>
                  mayWrite && (
                    <ActionIcon variant="subtle" color="gray" aria-label={t('removeEntry', { value })} onClick={() => setRemoving(value)}>
                      <IconTrash size={16} />
                    </ActionIcon>
                  ),
              },
            ]}
          />
        </Panel>
      </Allowed>
      {adding && <Add listId={listId} close={() => setAdding(false)} />}
      {file && <Import listId={listId} file={file} close={() => setFile(null)} />}
      {removing !== null && <Remove listId={listId} value={removing} close={() => setRemoving(null)} />}
    </Page>
  )
}

function Add({ listId, close }: { listId: string; close: () => void }): ReactNode {
  const t = useTranslations('rules')
  const client = useQueryClient()
  const [values, setValues] = useState('')
  const [until, setUntil] = useState('')
  const expires = until === '' ? null : new Date(`${until}T00:00:00`).toISOString()
  return (
    <ReasonDialog
      title={t('addEntries')}
      confirm={t('addEntries')}
      run={async (reason) => {
        const entries = values
          .split('\n')
          .map((value) => value.trim())
          .filter(Boolean)
          .map((value) => ({ value, expires_at: expires }))
        await answer(putRuleListEntries({ path: { rule_list_id: listId }, body: { entries, reason } }))
        await client.invalidateQueries({ queryKey: ['rules', 'lists', listId] })
      }}
      close={close}
    >
      <Textarea label={t('values')} description={t('valuesHint')} dir="ltr" required classNames={{ input: styles['code'] ?? '' }} value={values} onChange={(event) => setValues(event.currentTarget.value)} />
      <TextInput type="date" label={t('until')} value={until} onChange={(event) => setUntil(event.currentTarget.value)} />
    </ReasonDialog>
  )
}

function Import({ listId, file, close }: { listId: string; file: File; close: () => void }): ReactNode {
  const t = useTranslations('rules')
  const client = useQueryClient()
  return (
    <ReasonDialog
      title={t('importNamed', { name: file.name })}
      text={t('importText')}
      confirm={t('addEntries')}
      run={async (reason) => {
        const { changed } = await answer(importRuleListEntries({ path: { rule_list_id: listId }, body: { csv: await file.text(), reason } }))
        await client.invalidateQueries({ queryKey: ['rules', 'lists', listId] })
        notifications.show({ message: t('imported', { count: changed }) })
      }}
      close={close}
    />
  )
}

function Remove({ listId, value, close }: { listId: string; value: string; close: () => void }): ReactNode {
  const t = useTranslations('rules')
  const client = useQueryClient()
  return (
    <ReasonDialog
      title={t('removeEntry', { value })}
      confirm={t('remove')}
      dangerous
      run={async (reason) => {
        await answer(removeRuleListEntries({ path: { rule_list_id: listId }, body: { values: [value], reason } }))
        await client.invalidateQueries({ queryKey: ['rules', 'lists', listId] })
      }}
      close={close}
    />
  )
}
