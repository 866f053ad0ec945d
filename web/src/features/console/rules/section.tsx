import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { Allowed } from '@/components/allowed'
import { Page } from '@/components/page'
import { SectionNav } from '@/components/section-nav'

const PLACES = [
  ['/console/rules', 'rulebook'],
  ['/console/rules/backtests', 'backtests'],
  ['/console/rules/shadow', 'shadowPage'],
  ['/console/rules/versions', 'versions'],
  ['/console/rules/guardrails', 'guardrails'],
  ['/console/rules/lists', 'lists'],
  ['/console/rules/models', 'models'],
] as const

/** A page about rules, with the others of them in reach. */
export function RulesPage({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }): ReactNode {
  const t = useTranslations('rules')
  return (
    <Page title={title} actions={actions}>
      <SectionNav
        label={t('title')}
        places={PLACES.map(([to, name]) => ({ to, label: t(name), exact: to === '/console/rules' }))}
      />
      <Allowed needs="rules.read">{children}</Allowed>
    </Page>
  )
}
