import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { Allowed } from '@/components/allowed'
import { Page } from '@/components/page'
import { SectionNav } from '@/components/section-nav'

export function ReconciliationPage({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }): ReactNode {
  const t = useTranslations('operations')
  return (
    <Page title={title} actions={actions}>
      <SectionNav
        label={t('reconciliation')}
        places={[
          { to: '/console/reconciliation', label: t('differences'), exact: true },
          { to: '/console/reconciliation/runs', label: t('runs') },
          { to: '/console/reconciliation/days', label: t('days') },
        ]}
      />
      <Allowed needs="reconciliation.read">{children}</Allowed>
    </Page>
  )
}
