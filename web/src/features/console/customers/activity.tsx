import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { personCasesQuery, personDisputesQuery, personPaymentsQuery } from '@/api/console-queries'
import { asList, DataTable } from '@/components/data-table'
import { Due } from '@/components/due'
import { Money } from '@/components/money'
import { Panel } from '@/components/page'
import { StatusBadge } from '@/components/status-badge'
import { Tag } from '@/components/tag'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { merchantName, wordOf } from '@/lib/words'

import styles from './customer.module.css'

export function PaymentsOf({ userId }: { userId: string }): ReactNode {
  const t = useTranslations('customers')
  const { formats } = useLanguage()
  return (
    <Panel
      title={t('payments')}
      aside={
        <Link to="/console/payments" search={{ user_id: userId }} className={styles['all']}>
          {t('allPayments')}
        </Link>
      }
      flush
    >
      <DataTable
        label={t('payments')}
        list={asList(useQuery(personPaymentsQuery(userId)))}
        rowKey={(payment) => payment.id}
        to={(payment) => ({ to: '/console/payments/$paymentId', params: { paymentId: payment.id } })}
        empty={{ title: t('noPayments'), text: t('noPaymentsText') }}
        columns={[
          { key: 'merchant', title: t('merchant'), cell: (payment) => <bdi>{payment.merchant.name}</bdi> },
          { key: 'when', title: t('when'), width: '8.5rem', cell: (payment) => formatMoment(payment.opened_at, formats), from: 'tablet' },
          { key: 'card', title: t('card'), width: '4.5rem', cell: (payment) => payment.last4 && <bdi dir="ltr">•• {payment.last4}</bdi>, from: 'desktop' },
          { key: 'state', title: t('state'), width: '6rem', cell: (payment) => <StatusBadge status={payment.status} /> },
          {
            key: 'amount',
            title: t('amount'),
            width: '6.5rem',
            align: 'end',
            cell: (payment) => <Money amount={payment.amount} currency={payment.currency} />,
          },
        ]}
      />
    </Panel>
  )
}

export function CasesOf({ userId }: { userId: string }): ReactNode {
  const t = useTranslations('customers')
  const words = useTranslations('cases')
  const open = useQuery(personCasesQuery(userId, undefined))
  const over = useQuery(personCasesQuery(userId, 'resolved'))
  const list = asList({ ...open, data: open.data && over.data && [...open.data, ...over.data] })
  return (
    <Panel title={t('cases')} flush>
      <DataTable
        label={t('cases')}
        list={list}
        rowKey={(found) => found.id}
        to={(found) => ({ to: '/console/cases', search: { open: found.id } })}
        empty={{ title: t('noCases'), text: t('noCasesText') }}
        columns={[
          { key: 'merchant', title: t('merchant'), cell: (found) => <bdi>{merchantName(found.merchant_name)}</bdi> },
          {
            key: 'state',
            title: t('state'),
            width: '8rem',
            cell: (found) => (
              <Tag tone={found.finding === 'fraud' ? 'bad' : found.state === 'resolved' ? 'good' : 'waiting'}>
                {wordOf(words, found.finding ?? found.state)}
              </Tag>
            ),
          },
          {
            key: 'amount',
            title: t('amount'),
            width: '6.5rem',
            align: 'end',
            cell: (found) => <Money amount={found.amount} currency={found.currency} />,
          },
        ]}
      />
    </Panel>
  )
}

export function DisputesOf({ userId }: { userId: string }): ReactNode {
  const t = useTranslations('customers')
  const words = useTranslations('disputeDesk')
  return (
    <Panel title={t('disputes')} flush>
      <DataTable
        label={t('disputes')}
        list={asList(useQuery(personDisputesQuery(userId)))}
        rowKey={(dispute) => dispute.id}
        to={(dispute) => ({ to: '/console/disputes', search: { open: dispute.id } })}
        empty={{ title: t('noDisputes'), text: t('noDisputesText') }}
        columns={[
          { key: 'merchant', title: t('merchant'), cell: (dispute) => <bdi>{merchantName(dispute.merchant_name)}</bdi> },
          { key: 'due', title: t('due'), width: '7rem', cell: (dispute) => dispute.state === 'draft' && <Due at={dispute.submit_by} />, from: 'tablet' },
          { key: 'state', title: t('state'), width: '7rem', cell: (dispute) => <Tag>{wordOf(words, dispute.state)}</Tag> },
          {
            key: 'amount',
            title: t('amount'),
            width: '6.5rem',
            align: 'end',
            cell: (dispute) => <Money amount={dispute.amount} currency={dispute.currency} />,
          },
        ]}
      />
    </Panel>
  )
}
