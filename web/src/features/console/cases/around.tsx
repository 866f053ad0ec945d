import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { EvidenceView } from '@/api/generated'
import { DataTable } from '@/components/data-table'
import { Money } from '@/components/money'
import { Panel } from '@/components/page'
import { StatusBadge } from '@/components/status-badge'
import { Tag } from '@/components/tag'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { merchantName, wordOf } from '@/lib/words'

import styles from './cases.module.css'

/** How the API names a rule that two cases have in common. */
const RULE = 'rule '

const whole = { error: null, isPending: false, hasNextPage: false, isFetchingNextPage: false, fetchNextPage: () => undefined, refetch: () => undefined }

/** What else the card paid lately. */
export function Around({ evidence }: { evidence: EvidenceView }): ReactNode {
  const t = useTranslations('cases')
  const { formats } = useLanguage()
  return (
    <Panel title={t('around')} flush>
      <DataTable
        label={t('around')}
        list={{ ...whole, data: { pages: [{ data: evidence.card_payments }] } }}
        rowKey={(payment) => payment.id}
        selected={evidence.payment?.id}
        empty={{ title: t('aroundEmptyTitle'), text: t('aroundEmptyText') }}
        columns={[
          {
            key: 'what',
            title: t('merchant'),
            cell: (payment) => (
              <span className={styles['line']}>
                <bdi>{merchantName(payment.merchant_name)}</bdi>
                <small>
                  {formatMoment(payment.opened_at, formats)} · {payment.country}
                </small>
              </span>
            ),
          },
          {
            key: 'amount',
            title: t('amount'),
            width: 'auto',
            align: 'end',
            cell: (payment) => (
              <span className={styles['end']}>
                <Money amount={payment.amount} currency={payment.currency} />
                <StatusBadge status={payment.status} />
              </span>
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
        list={{ ...whole, data: { pages: [{ data: evidence.similar }] } }}
        rowKey={(found) => found.id}
        to={(found) => ({ to: '/console/cases', search: { open: found.id } })}
        empty={{ title: t('similarEmptyTitle'), text: t('similarEmptyText') }}
        columns={[
          {
            key: 'what',
            title: t('merchant'),
            cell: (found) => (
              <span className={styles['line']}>
                <bdi>{merchantName(found.merchant_name)}</bdi>
                <small>{t('same', { what: found.same.map((each) => (each.startsWith(RULE) ? `${t('same_rule')} ${each.slice(RULE.length)}` : wordOf(t, `same_${each}`))).join(', ') })}</small>
              </span>
            ),
          },
          {
            key: 'amount',
            title: t('amount'),
            width: 'auto',
            align: 'end',
            cell: (found) => (
              <span className={styles['end']}>
                <Money amount={found.amount} currency={found.currency} />
                <Tag tone={found.finding === 'fraud' ? 'bad' : found.finding === 'genuine' ? 'good' : 'waiting'}>{t(found.finding ?? 'open')}</Tag>
              </span>
            ),
          },
        ]}
      />
    </Panel>
  )
}
