import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { type CardwrightLedgerApiEntryView as EntryView, proposeReversal } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { useMay } from '@/api/may'
import { ApprovalLink } from '@/components/approval-link'
import { CopyId } from '@/components/copy-id'
import { DetailList } from '@/components/detail-list'
import { Money } from '@/components/money'
import { ReasonDialog } from '@/components/reason-dialog'
import { SidePanel } from '@/components/side-panel'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { tailOf } from '@/lib/ids'
import { wordOf } from '@/lib/words'

import styles from './ledger.module.css'

/** One journal entry with its postings, and the way to take it back. */
export function EntryPanel({ entry, close }: { entry: EntryView; close: () => void }): ReactNode {
  const t = useTranslations('operations')
  const kinds = useTranslations('books.kinds')
  const accounts = useTranslations('books.accounts')
  const may = useMay()
  const { formats } = useLanguage()
  const [reversing, setReversing] = useState(false)
  return (
    <SidePanel title={wordOf(kinds, entry.kind)} close={close}>
      <div className={styles['stack']}>
        <DetailList
          rows={[
            [t('when'), formatMoment(entry.posted_at, formats)],
            [t('entryId'), <CopyId key="id" id={entry.id} />],
            [t('externalId'), <CopyId key="external" id={entry.external_id} />],
            [
              t('payment'),
              entry.payment_id && (
                <Link key="payment" to="/console/payments/$paymentId" params={{ paymentId: entry.payment_id }}>
                  {tailOf(entry.payment_id)}
                </Link>
              ),
            ],
            [t('approval'), entry.approval_id && <ApprovalLink key="approval" id={entry.approval_id} />],
            [t('takesBack'), entry.reverses_id && <CopyId key="reverses" id={entry.reverses_id} />],
          ]}
        />
        <div className={styles['scroll']}>
          <table className={styles['table']}>
            <thead>
              <tr>
                <th scope="col">{t('account')}</th>
                <th scope="col" className={styles['number']}>
                  {t('debit')}
                </th>
                <th scope="col" className={styles['number']}>
                  {t('credit')}
                </th>
              </tr>
            </thead>
            <tbody>
              {entry.postings.map((posting) => (
                <tr key={`${posting.account_id} ${posting.side}`}>
                  <th scope="row">
                    <Link to="/console/ledger/entries" search={{ account: posting.account_id }} onClick={close}>
                      {wordOf(accounts, posting.code)}
                    </Link>
                  </th>
                  {(['debit', 'credit'] as const).map((side) => (
                    <td key={side} className={styles['number']}>
                      {posting.side === side && <Money amount={posting.amount} currency={entry.currency} />}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {may('ledger.write') && entry.reverses_id === null && (
          <Button variant="default" onClick={() => setReversing(true)}>
            {t('takeBack')}
          </Button>
        )}
      </div>
      {reversing && <Reversal entry={entry} close={() => setReversing(false)} />}
    </SidePanel>
  )
}

function Reversal({ entry, close }: { entry: EntryView; close: () => void }): ReactNode {
  const t = useTranslations('operations')
  const { headers, fulfilled } = useIntent()
  return (
    <ReasonDialog
      title={t('takeBack')}
      text={t('fourEyes')}
      confirm={t('propose')}
      run={async (reason) => {
        await answer(proposeReversal({ path: { entry_id: entry.id }, body: { reason }, headers: headers() }))
        fulfilled()
        notifications.show({ message: t('proposed') })
      }}
      close={close}
    />
  )
}
