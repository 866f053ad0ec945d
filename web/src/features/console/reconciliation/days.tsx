import { IconCalendarStats } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { listDayTotals } from '@/api/generated'
import { asList, DataTable } from '@/components/data-table'
import { Money } from '@/components/money'
import { Panel } from '@/components/page'
import { Tag } from '@/components/tag'
import { formatDate } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { wordOf } from '@/lib/words'

import { ReconciliationPage } from './section'

/** What each day moved at the vendors and here. */
export function Days(): ReactNode {
  const t = useTranslations('operations')
  const accounts = useTranslations('books.accounts')
  const { formats } = useLanguage()
  const query = useQuery({ queryKey: ['reconciliation', 'days'], queryFn: () => answer(listDayTotals()) })
  return (
    <ReconciliationPage title={t('days')}>
      <Panel flush>
        <DataTable
          label={t('days')}
          list={asList(query)}
          rowKey={({ account, currency, day }) => `${day} ${account} ${currency}`}
          empty={{ title: t('noRunsTitle'), text: t('noRunsText'), icon: <IconCalendarStats size={28} /> }}
          columns={[
            { key: 'day', title: t('day'), width: '6.5rem', cell: ({ day }) => <span className="figures">{formatDate(day, formats)}</span> },
            { key: 'account', title: t('account'), from: 'tablet', cell: ({ account }) => wordOf(accounts, account) },
            { key: 'reported', title: t('reported'), align: 'end', cell: (total) => <Money amount={total.reported} currency={total.currency} /> },
            { key: 'booked', title: t('booked'), align: 'end', cell: (total) => <Money amount={total.booked} currency={total.currency} /> },
            { key: 'listed', title: t('listed'), width: '7rem', from: 'desktop', align: 'end', cell: (total) => <Money amount={total.listed} currency={total.currency} /> },
            {
              key: 'unexplained',
              title: t('unexplained'),
              width: '8rem',
              from: 'tablet',
              align: 'end',
              cell: (total) => <Tag tone={total.unexplained === 0 ? 'good' : 'bad'}><Money amount={total.unexplained} currency={total.currency} /></Tag>,
            },
          ]}
        />
      </Panel>
    </ReconciliationPage>
  )
}
