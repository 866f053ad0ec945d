import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { listEntries } from '@/api/generated'
import { Money } from '@/components/money'
import { Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { wordOf } from '@/lib/words'

import styles from './payments.module.css'

const MOST = 50

/** What the payment moved in the ledger. */
export function PaymentPostings({ paymentId }: { paymentId: string }): ReactNode {
  const t = useTranslations('operations')
  const kinds = useTranslations('books.kinds')
  const accounts = useTranslations('books.accounts')
  const { formats } = useLanguage()
  const { data, error, refetch } = useQuery({
    queryKey: ['ledger', 'entries', 'of', paymentId],
    queryFn: async () => (await answer(listEntries({ query: { payment_id: paymentId, limit: MOST } }))).data,
  })
  return (
    <Panel title={t('ledgerEntries')}>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton h={72} />}
      {data?.length === 0 && <p className={styles['dim']}>{t('nothingPosted')}</p>}
      {data?.map((entry) => (
        <table key={entry.id} className={styles['postings']}>
          <caption>
            {wordOf(kinds, entry.kind)} <span className={styles['dim']}>{formatMoment(entry.posted_at, formats)}</span>
          </caption>
          <tbody>
            {entry.postings.map((posting) => (
              <tr key={`${posting.account_id} ${posting.side}`}>
                <td>{wordOf(accounts, posting.code)}</td>
                <td>{t(posting.side === 'debit' ? 'debit' : 'credit')}</td>
                <td>
                  <Money amount={posting.amount} currency={entry.currency} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </Panel>
  )
}
