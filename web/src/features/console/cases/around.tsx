import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { EvidenceView } from '@/api/generated'
import { asList, DataTable } from '@/components/data-table'
import { Money } from '@/components/money'
import { Panel } from '@/components/page'
import { StatusBadge } from '@/components/status-badge'
import { Tag } from '@/components/tag'
import { EndLines, TwoLines } from '@/components/two-lines'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { merchantName, wordOf } from '@/lib/words'

/** How the API names a rule that two cases have in common. */
const RULE = 'rule '

const there = { error: null, isPending: false, refetch: () => undefined }

/** What else the card paid lately. */
export function Around({ evidence }: { evidence: EvidenceView }): ReactNode {
  const t = useTranslations('cases')
  const { formats } = useLanguage()
  return (
    <Panel title={t('around')} flush>
      <DataTable
        label={t('around')}
        list={asList({ ...there, data: evidence.card_payments })}
        rowKey={(payment) => payment.id}
        selected={evidence.payment?.id}
        empty={{ title: t('aroundEmptyTitle'), text: t('aroundEmptyText') }}
        columns={[
          {
            key: 'what',
            title: t('merchant'),
            cell: (payment) => (
              <TwoLines under={`${formatMoment(payment.opened_at, formats)} · ${payment.country}`}>
                <bdi>{merchantName(payment.merchant_name)}</bdi>
              </TwoLines>
            ),
          },
          {
            key: 'amount',
            title: t('amount'),
            width: 'auto',
            align: 'end',
            cell: (payment) => (
              <EndLines>
                <Money amount={payment.amount} currency={payment.currency} />
                <StatusBadge status={payment.status} />
              </EndLines>
            ),
          },
        ]}
      />
    </Panel>
  )
}

/** Other cases that have something in common with this one, and what they turned out to be. */
export function Similar({ evidence }: { evidence: EvidenceView }): ReactNode {
  const t = useTranslations('cases')
  return (
    <Panel title={t('similar')} flush>
      <DataTable
        label={t('similar')}
        list={asList({ ...there, data: evidence.similar })}
        rowKey={(found) => found.id}
        to={(found) => ({ to: '/console/cases', search: { open: found.id } })}
        empty={{ title: t('similarEmptyTitle'), text: t('similarEmptyText') }}
        columns={[
          {
            key: 'what',
            title: t('merchant'),
            cell: (found) => (
              <TwoLines under={t('same', { what: found.same.map((each) => (each.startsWith(RULE) ? `${t('same_rule')} ${each.slice(RULE.length)}` : wordOf(t, `same_${each}`))).join(', ') })}>
                <bdi>{merchantName(found.merchant_name)}</bdi>
              </TwoLines>
            ),
          },
          {
            key: 'amount',
            title: t('amount'),
            width: 'auto',
            align: 'end',
            cell: (found) => (
              <EndLines>
                <Money amount={found.amount} currency={found.currency} />
                <Tag tone={found.finding === 'fraud' ? 'bad' : found.finding === 'genuine' ? 'good' : 'waiting'}>{t(found.finding ?? 'open')}</Tag>
              </EndLines>
            ),
          },
        ]}
      />
    </Panel>
  )
}
