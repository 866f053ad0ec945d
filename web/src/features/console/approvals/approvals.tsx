import { IconChecks } from '@tabler/icons-react'
import { useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { approvalsQuery } from '@/api/console-queries'
import type { ApprovalOutput, ApprovalState } from '@/api/generated'
import { Ago } from '@/components/due'
import { Queue } from '@/components/queue'
import { Tag } from '@/components/tag'
import { TwoLines } from '@/components/two-lines'
import { useNames } from '@/components/who'
import { wordOf } from '@/lib/words'

import { Proposal } from './proposal'
import { TONES } from './tones'

const STATES = ['proposed', 'applied', 'approved', 'rejected', 'withdrawn', 'expired'] as const satisfies ApprovalState[]

/** What one member of staff proposes and another approves. */
export function Approvals(): ReactNode {
  const t = useTranslations('approvals')
  const queue = useTranslations('queue')
  const search = useSearch({ from: '/console/approvals' })
  return (
    <Queue
      needs="approvals.read"
      words={t}
      icon={<IconChecks size={28} />}
      search={search}
      query={approvalsQuery(search.state)}
      choices={[{ name: 'state', label: queue('state'), options: STATES.map((value) => ({ value, label: t(value) })) }]}
      columns={[
        { key: 'what', title: t('proposal'), cell: (approval) => <Line approval={approval} /> },
        {
          key: 'state',
          title: queue('state'),
          width: 'auto',
          align: 'end',
          cell: (approval) => <Tag tone={TONES[approval.state]}>{t(approval.state)}</Tag>,
        },
      ]}
      detail={{ of: (id) => <Proposal approvalId={id} />, nothing: { title: t('nothingTitle'), text: t('nothingText') } }}
    />
  )
}

function Line({ approval }: { approval: ApprovalOutput }): ReactNode {
  const kinds = useTranslations('approvals.kinds')
  const names = useNames()
  return (
    <TwoLines
      under={
        <>
          <bdi>{names(approval.proposed_by)}</bdi> · <Ago at={approval.proposed_at} /> · {approval.reason}
        </>
      }
    >
      {wordOf(kinds, approval.kind.replaceAll('.', '_'))}
    </TwoLines>
  )
}
