import { Button, TextInput } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { type AuditEntryOutput, getAuditSeals, listAuditEntries } from '@/api/generated'
import { Allowed } from '@/components/allowed'
import { CopyId } from '@/components/copy-id'
import { DataTable } from '@/components/data-table'
import { DetailList } from '@/components/detail-list'
import { FilterBar } from '@/components/filter-bar'
import { Page, Panel } from '@/components/page'
import { Seals } from '@/components/seals'
import { SidePanel } from '@/components/side-panel'
import { Who } from '@/components/who'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import styles from './audit.module.css'

const PAGE = 100
const ID = /^[a-z]+_[0-9a-z]{26}$/
const ACTION = /^[a-z_]+\.[a-z_]+$/

const trailQuery = (query: Record<string, string>) =>
  infiniteQueryOptions({
    queryKey: ['audit', query],
    queryFn: ({ pageParam }) => answer(listAuditEntries({ query: { ...query, limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })

/** Who did what to whom, when and from where. */
export function Audit(): ReactNode {
  const t = useTranslations('operations')
  const search = useSearch({ from: '/console/audit' })
  const navigate = useNavigate({ from: '/console/audit' })
  const [open, setOpen] = useState<AuditEntryOutput | null>(null)
  const set = (part: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  return (
    <Page
      title={t('audit')}
      actions={
        <Button component="a" href="/v1/audit-entries/export" download variant="default" leftSection={<IconDownload size={18} />}>
          {t('exportSealed')}
        </Button>
      }
    >
      <Allowed needs="audit.read">
        <Seals name="audit" read={(recompute) => answer(getAuditSeals({ query: { recompute } }))} />
        <FilterBar search={{ label: t('searchTrail'), value: search.actor ?? search.subject ?? search.action, change: (text) => set(meantBy(text)) }}>
          <TextInput size="sm" type="date" aria-label={t('from')} value={search.since ?? ''} onChange={(event) => set({ since: event.currentTarget.value || undefined })} />
          <TextInput size="sm" type="date" aria-label={t('to')} value={search.until ?? ''} onChange={(event) => set({ until: event.currentTarget.value || undefined })} />
        </FilterBar>
        <p className={styles['dim']}>{t('searchTrailHint')}</p>
        <Trail search={search} open={setOpen} selected={open?.id} />
        {open && <Entry entry={open} close={() => setOpen(null)} wanted={set} />}
      </Allowed>
    </Page>
  )
}

/** What somebody typed says what it is: a person who acted, a thing that something was done to, or an action. */
function meantBy(text: string | undefined): { actor: string | undefined; subject: string | undefined; action: string | undefined } {
  const isPerson = text !== undefined && ID.test(text) && text.startsWith('user_')
  return {
    actor: isPerson ? text : undefined,
    subject: text !== undefined && ID.test(text) && !isPerson ? text : undefined,
    action: text !== undefined && ACTION.test(text) ? text : undefined,
  }
}

function Trail({ search, open, selected }: { search: ReturnType<typeof useTrailSearch>; open: (entry: AuditEntryOutput) => void; selected: string | undefined }): ReactNode {
  const t = useTranslations('operations')
  const { formats } = useLanguage()
  const list = useInfiniteQuery(
    trailQuery({
      ...(search.actor ? { actor_id: search.actor } : {}),
      ...(search.subject ? { subject_id: search.subject } : {}),
      ...(search.action ? { action: search.action } : {}),
      ...(search.since ? { since: new Date(`${search.since}T00:00:00`).toISOString() } : {}),
      ...(search.until ? { until: new Date(`${search.until}T24:00:00`).toISOString() } : {}),
    }),
  )
  return (
    <Panel flush>
      <DataTable
        label={t('audit')}
        list={list}
        rowKey={({ id }) => id}
        open={open}
        selected={selected}
        columns={[
          { key: 'action', title: t('act'), width: 'minmax(0, 1.4fr)', cell: ({ action }) => <span className={styles['code']}>{action}</span> },
          { key: 'actor', title: t('who'), width: '10rem', cell: (entry) => <Who id={entry.actor_id} /> },
          { key: 'subject', title: t('whom'), width: '10rem', from: 'tablet', cell: (entry) => <Who id={entry.subject_id} /> },
          { key: 'from', title: t('whence'), width: '8rem', from: 'desktop', cell: (entry) => <span className={styles['code']}>{entry.client_address ?? '–'}</span> },
          { key: 'when', title: t('when'), width: '8.5rem', from: 'tablet', align: 'end', cell: (entry) => formatMoment(entry.occurred_at, formats) },
        ]}
      />
    </Panel>
  )
}

function useTrailSearch() {
  return useSearch({ from: '/console/audit' })
}

function Entry({ entry, close, wanted }: { entry: AuditEntryOutput; close: () => void; wanted: (part: { actor?: string | undefined; subject?: string | undefined; action?: string | undefined }) => void }): ReactNode {
  const t = useTranslations('operations')
  const { formats } = useLanguage()
  const look = (part: Parameters<typeof wanted>[0]) => {
    wanted({ actor: undefined, subject: undefined, action: undefined, ...part })
    close()
  }
  return (
    <SidePanel title={<span className={styles['code']}>{entry.action}</span>} close={close}>
      <div className={styles['stack']}>
        <DetailList
          rows={[
            [t('when'), formatMoment(entry.occurred_at, formats)],
            [t('who'), <Who key="actor" id={entry.actor_id} />],
            [t('whom'), <Who key="subject" id={entry.subject_id} />],
            [t('whence'), entry.client_address],
            [t('browser'), entry.user_agent],
            [t('request'), entry.request_id && <CopyId key="request" id={entry.request_id} />],
          ]}
        />
        <div className={styles['deeds']}>
          <Button size="sm" variant="default" onClick={() => look({ actor: entry.actor_id })}>
            {t('sameActor')}
          </Button>
          <Button size="sm" variant="default" onClick={() => look({ subject: entry.subject_id })}>
            {t('sameSubject')}
          </Button>
          <Button size="sm" variant="default" onClick={() => look({ action: entry.action })}>
            {t('sameAct')}
          </Button>
        </div>
        <pre className={styles['details']} tabIndex={0} aria-label={t('details')}>
          {JSON.stringify(entry.details, null, 2)}
        </pre>
      </div>
    </SidePanel>
  )
}
