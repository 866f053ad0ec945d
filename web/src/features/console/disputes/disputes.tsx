import { IconScale } from '@tabler/icons-react'
import { useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { disputesQuery } from '@/api/console-queries'
import type { DisputeState } from '@/api/generated'
import { Due } from '@/components/due'
import { Money } from '@/components/money'
import { Queue } from '@/components/queue'
import { Tag } from '@/components/tag'
import { EndLines, TwoLines } from '@/components/two-lines'
import { merchantName } from '@/lib/words'

import { Dispute } from './dispute'
import { TONES } from './tones'

const STATES = ['draft', 'submitted', 'won', 'lost', 'withdrawn', 'expired'] as const satisfies DisputeState[]

/** Claims on what was charged, the nearest deadline first. */
export function Disputes(): ReactNode {
  const t = useTranslations('disputeDesk')
  const reasons = useTranslations('disputeDesk.reasons')
  const queue = useTranslations('queue')
  const search = useSearch({ from: '/console/disputes' })
  return (
    <Queue
      needs="disputes.read"
      words={t}
      icon={<IconScale size={28} />}
      search={search}
      query={disputesQuery(search.state)}
      choices={[{ name: 'state', label: queue('state'), options: STATES.map((value) => ({ value, label: t(value) })) }]}
      columns={[
        {
          key: 'what',
          title: t('dispute'),
          cell: (dispute) => (
            <TwoLines under={reasons(dispute.reason)}>
              <bdi>{merchantName(dispute.merchant_name)}</bdi>
            </TwoLines>
          ),
        },
        {
          key: 'amount',
          title: t('amount'),
          width: 'auto',
          align: 'end',
          cell: (dispute) => (
            <EndLines>
              <Money amount={dispute.amount} currency={dispute.currency} />
              {dispute.state === 'draft' ? <Due at={dispute.submit_by} /> : <Tag tone={TONES[dispute.state]}>{t(dispute.state)}</Tag>}
            </EndLines>
          ),
        },
      ]}
      detail={{ of: (id) => <Dispute disputeId={id} />, nothing: { title: t('nothingTitle'), text: t('nothingText') } }}
    />
  )
}
