import { Skeleton, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { trialBalanceQuery } from '@/api/console-queries'
import type { TrialBalanceView } from '@/api/generated'
import { useMay } from '@/api/may'
import { ButtonLink } from '@/components/button-link'
import { Money } from '@/components/money'
import { Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'
import { wordOf } from '@/lib/words'

import styles from './ledger.module.css'
import { LedgerPage } from './section'

/** Debits and credits of every account code, now or as they stood at the end of a day. */
export function TrialBalance(): ReactNode {
  const t = useTranslations('operations')
  const may = useMay()
  const [day, setDay] = useState('')
  const at = day === '' ? null : new Date(`${day}T24:00:00`).toISOString()
  const { data, error, refetch } = useQuery({ ...trialBalanceQuery(at), placeholderData: (before) => before })
  return (
    <LedgerPage title={t('ledger')} actions={may('ledger.write') && <ButtonLink to="/console/ledger/new">{t('newEntry')}</ButtonLink>}>
      <TextInput type="date" size="sm" w="12rem" label={t('atEndOf')} value={day} onChange={(event) => setDay(event.currentTarget.value)} />
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton h={320} radius="lg" />}
      {data && <Balance balance={data} />}
    </LedgerPage>
  )
}

function Balance({ balance }: { balance: TrialBalanceView }): ReactNode {
  const t = useTranslations('operations')
  const accounts = useTranslations('books.accounts')
  const sums = Object.entries(balance.difference)
  const isRight = sums.every(([, difference]) => difference === 0)
  return (
    <Panel flush title={t('trialBalance')} aside={<Tag tone={isRight ? 'good' : 'bad'}>{t(isRight ? 'balances' : 'balancesNot')}</Tag>}>
      <div className={styles['scroll']} tabIndex={0} role="region" aria-label={t('trialBalance')}>
        <table className={`${styles['table']} ${styles['balances']}`}>
          <thead>
            <tr>
              <th scope="col">{t('account')}</th>
              <th scope="col" className={styles['number']}>
                {t('debits')}
              </th>
              <th scope="col" className={styles['number']}>
                {t('credits')}
              </th>
              <th scope="col" className={styles['number']}>
                {t('balance')}
              </th>
            </tr>
          </thead>
          <tbody>
            {balance.lines.map((line) => (
              <tr key={`${line.code} ${line.currency}`}>
                <th scope="row">
                  <Link to="/console/ledger/accounts" search={{ code: line.code }}>
                    {wordOf(accounts, line.code)}
                  </Link>
                </th>
                {[line.debits, line.credits, line.balance].map((amount, at) => (
                  // oxlint-disable-next-line react/no-array-index-key
                  <td key={at} className={styles['number']}>
                    <Money amount={amount} currency={line.currency} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            {sums.map(([currency, difference]) => (
              <tr key={currency}>
                <th scope="row">{t('difference', { currency })}</th>
                {(['debits', 'credits'] as const).map((side) => (
                  <td key={side} className={styles['number']}>
                    <Money amount={sumOf(balance, side, currency)} currency={currency} />
                  </td>
                ))}
                <td className={styles['number']}>
                  <Money amount={difference} currency={currency} />
                </td>
              </tr>
            ))}
          </tfoot>
        </table>
      </div>
    </Panel>
  )
}

function sumOf({ lines }: TrialBalanceView, side: 'debits' | 'credits', currency: string): number {
  return lines.filter((line) => line.currency === currency).reduce((sum, line) => sum + line[side], 0)
}
