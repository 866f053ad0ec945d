import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { Allowed } from '@/components/allowed'
import { Page } from '@/components/page'
import { SectionNav } from '@/components/section-nav'

/** A page about the books, with the others of them in reach. */
export function LedgerPage({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }): ReactNode {
  const t = useTranslations('operations')
  return (
    <Page title={title} actions={actions}>
      <SectionNav
        label={t('ledger')}
        places={[
          { to: '/console/ledger', label: t('trialBalance'), exact: true },
          { to: '/console/ledger/entries', label: t('journal') },
          { to: '/console/ledger/accounts', label: t('accounts') },
          { to: '/console/ledger/months', label: t('months') },
          { to: '/console/ledger/seals', label: t('seals') },
        ]}
      />
      <Allowed needs="ledger.read">{children}</Allowed>
    </Page>
  )
}
