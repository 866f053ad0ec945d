import { Button } from '@mantine/core'
import { IconScale } from '@tabler/icons-react'
import { infiniteQueryOptions, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { listReconciliations, requestReconciliation } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { useMay } from '@/api/may'
import { DataTable } from '@/components/data-table'
import { Panel } from '@/components/page'
import { Tag } from '@/components/tag'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'

import { ReconciliationPage } from './section'

const PAGE = 50
const WATCHED_MS = 1_000

const runsQuery = infiniteQueryOptions({
  queryKey: ['reconciliation', 'runs'],
  queryFn: ({ pageParam }) => answer(listReconciliations({ query: { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: ({ state }) => (state.data?.pages[0]?.data.some((run) => run.state !== 'done') ? WATCHED_MS : false),
})

/** Comparisons of everything the vendors list with the books. */
export function Runs(): ReactNode {
  const t = useTranslations('operations')
  const may = useMay()
  const { formats } = useLanguage()
  const client = useQueryClient()
  const tell = useTellProblem()
  const { headers, fulfilled } = useIntent()
  const list = useInfiniteQuery(runsQuery)
  const request = useMutation({
    mutationFn: () => answer(requestReconciliation({ body: {}, headers: headers() })),
    onSuccess: async () => {
      fulfilled()
      await client.invalidateQueries({ queryKey: ['reconciliation'] })
    },
    onError: tell,
  })
  const number = (count: number) => <span className="figures">{count.toLocaleString(formats)}</span>
  return (
    <ReconciliationPage
      title={t('runs')}
      actions={
        may('reconciliation.write') && (
          <Button loading={request.isPending} onClick={() => request.mutate()}>
            {t('compareNow')}
          </Button>
        )
      }
    >
      <Panel flush>
        <DataTable
          label={t('runs')}
          list={list}
          rowKey={({ id }) => id}
          empty={{ title: t('noRunsTitle'), text: t('noRunsText'), icon: <IconScale size={28} /> }}
          columns={[
            { key: 'asOf', title: t('asOf'), cell: (run) => formatMoment(run.as_of, formats) },
            { key: 'fetched', title: t('fetched'), width: '6rem', from: 'desktop', align: 'end', cell: ({ fetched }) => number(fetched) },
            { key: 'compared', title: t('compared'), width: '6.5rem', from: 'tablet', align: 'end', cell: ({ compared }) => number(compared) },
            { key: 'found', title: t('found'), width: '6rem', align: 'end', cell: ({ found }) => number(found) },
            { key: 'repaired', title: t('states.repaired'), width: '6.5rem', from: 'tablet', align: 'end', cell: ({ repaired }) => number(repaired) },
            { key: 'state', title: t('state'), width: '7.5rem', align: 'end', cell: ({ state }) => <Tag tone={state === 'done' ? 'good' : 'waiting'}>{t(`runStates.${state}`)}</Tag> },
          ]}
        />
      </Panel>
    </ReconciliationPage>
  )
}
