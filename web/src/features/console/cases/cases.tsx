import { IconGavel } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { caseCountsQuery, casesQuery } from '@/api/console-queries'
import type { CardwrightCasesSchemasCaseView as CaseView, CaseState, Priority } from '@/api/generated'
import { useMay } from '@/api/may'
import { meQuery } from '@/api/queries'
import { Due } from '@/components/due'
import { Money } from '@/components/money'
import { Queue } from '@/components/queue'
import { Tag } from '@/components/tag'
import { EndLines, TwoLines } from '@/components/two-lines'
import { merchantName } from '@/lib/words'

import { Case } from './case'

const STATES = ['open', 'in_review', 'resolved'] as const satisfies CaseState[]
const PRIORITIES = ['high', 'normal', 'low'] as const satisfies Priority[]

/** Payments to be judged, the nearest deadline first, beside the one that is looked at. */
export function Cases(): ReactNode {
  const t = useTranslations('cases')
  const queue = useTranslations('queue')
  const search = useSearch({ from: '/console/cases' })
  const { data: me } = useQuery(meQuery)
  const { data: counts } = useQuery({ ...caseCountsQuery, enabled: useMay()('cases.read') })
  return (
    <Queue
      needs="cases.read"
      words={t}
      icon={<IconGavel size={28} />}
      search={search}
      query={casesQuery({
        state: search.state,
        priority: search.priority,
        overdue: search.late,
        assignee_id: search.mine && me?.id,
      })}
      choices={[
        { name: 'state', label: queue('state'), options: STATES.map((value) => ({ value, label: t(value) })) },
        { name: 'priority', label: t('priority'), options: PRIORITIES.map((value) => ({ value, label: t(value) })) },
      ]}
      counts={counts}
      columns={[
        { key: 'what', title: t('payment'), cell: (found) => <Line found={found} /> },
        { key: 'amount', title: t('amount'), width: 'auto', align: 'end', cell: (found) => <End found={found} /> },
      ]}
      detail={{ of: (id) => <Case caseId={id} />, nothing: { title: t('nothingTitle'), text: t('nothingText') } }}
    />
  )
}

function Line({ found }: { found: CaseView }): ReactNode {
  const t = useTranslations('cases')
  const source = found.source === 'rules' ? found.rules.join(', ') : t(`by_${found.source}`)
  const isUrgent = found.priority === 'high' && found.state !== 'resolved'
  return (
    <TwoLines
      under={
        <>
          {isUrgent && <b>{t('high')} · </b>}
          {source}
        </>
      }
    >
      <bdi>{merchantName(found.merchant_name)}</bdi>
    </TwoLines>
  )
}

function End({ found }: { found: CaseView }): ReactNode {
  const t = useTranslations('cases')
  return (
    <EndLines>
      <Money amount={found.amount} currency={found.currency} />
      {found.state === 'resolved' ? <Tag tone={found.finding === 'fraud' ? 'bad' : 'good'}>{t(found.finding ?? 'resolved')}</Tag> : <Due at={found.due_at} />}
    </EndLines>
  )
}
