import { Button, Select, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconCalendarOff } from '@tabler/icons-react'
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { listPeriodChanges, type PeriodAction, proposePeriodChange } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { useMay } from '@/api/may'
import { ApprovalLink } from '@/components/approval-link'
import { DataTable } from '@/components/data-table'
import { Panel } from '@/components/page'
import { ReasonDialog } from '@/components/reason-dialog'
import { Tag } from '@/components/tag'
import { formatMoment, formatMonth } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import styles from './ledger.module.css'
import { LedgerPage } from './section'

const PAGE = 50
const MONTH_LENGTH = 7

const monthsQuery = infiniteQueryOptions({
  queryKey: ['ledger', 'months'],
  queryFn: ({ pageParam }) => answer(listPeriodChanges({ query: { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
})

/** Months that were closed and opened again; nothing is dated into a closed one. */
export function Months(): ReactNode {
  const t = useTranslations('operations')
  const may = useMay()
  const { formats } = useLanguage()
  const list = useInfiniteQuery(monthsQuery)
  const [changing, setChanging] = useState(false)
  return (
    <LedgerPage title={t('months')} actions={may('ledger.write') && <Button onClick={() => setChanging(true)}>{t('changeMonth')}</Button>}>
      <p className={styles['dim']}>{t('monthsText')}</p>
      <Panel flush>
        <DataTable
          label={t('months')}
          list={list}
          rowKey={({ id }) => id}
          empty={{ title: t('noMonthsTitle'), text: t('noMonthsText'), icon: <IconCalendarOff size={28} /> }}
          columns={[
            { key: 'month', title: t('month'), cell: ({ month }) => <strong>{formatMonth(month, formats)}</strong> },
            { key: 'action', title: t('done'), width: '9rem', cell: ({ action }) => <Tag tone={action === 'closed' ? 'good' : 'waiting'}>{t(`months_.${action}`)}</Tag> },
            { key: 'approval', title: t('approval'), width: '10rem', from: 'tablet', cell: (change) => <ApprovalLink id={change.approval_id} /> },
            { key: 'changed', title: t('when'), width: '9rem', align: 'end', cell: (change) => formatMoment(change.changed_at, formats) },
          ]}
        />
      </Panel>
      {changing && <Change close={() => setChanging(false)} />}
    </LedgerPage>
  )
}

function Change({ close }: { close: () => void }): ReactNode {
  const t = useTranslations('operations')
  const { headers, fulfilled } = useIntent()
  const [month, setMonth] = useState(() => lastMonth(new Date()))
  const [action, setAction] = useState<PeriodAction>('closed')
  return (
    <ReasonDialog
      title={t('changeMonth')}
      text={t('fourEyes')}
      confirm={t('propose')}
      run={async (reason) => {
        await answer(proposePeriodChange({ body: { month, action, reason }, headers: headers() }))
        fulfilled()
        notifications.show({ message: t('proposed') })
      }}
      close={close}
    >
      <Select
        label={t('done')}
        allowDeselect={false}
        data={(['closed', 'reopened'] as const).map((value) => ({ value, label: t(`monthDeeds.${value}`) }))}
        value={action}
        onChange={(value) => value && setAction(value as PeriodAction)}
      />
      <TextInput type="month" label={t('month')} required value={month} onChange={(event) => setMonth(event.currentTarget.value)} />
    </ReasonDialog>
  )
}

function lastMonth(now: Date): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString().slice(0, MONTH_LENGTH)
}
