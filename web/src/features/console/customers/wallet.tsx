import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { personWalletQuery } from '@/api/console-queries'
import { Money } from '@/components/money'
import { Panel } from '@/components/page'
import { ErrorState } from '@/components/states'

import styles from './customer.module.css'

export function Wallet({ userId }: { userId: string }): ReactNode {
  const t = useTranslations('customers')
  const { data, error } = useQuery(personWalletQuery(userId))
  return (
    <Panel title={t('wallet')}>
      {error && <ErrorState error={error} />}
      {!data && !error && <Skeleton h={48} />}
      {data && (
        <dl className={styles['sums']}>
          {(
            [
              ['available', data.available_balance],
              ['held', data.held],
              ['owed', data.owed],
            ] as const
          ).map(([name, amount]) => (
            <div key={name}>
              <dt>{t(name)}</dt>
              <dd>
                <Money amount={amount} currency={data.currency} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  )
}
