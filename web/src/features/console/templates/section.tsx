import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { Allowed } from '@/components/allowed'
import { Page } from '@/components/page'
import { SectionNav } from '@/components/section-nav'

export function TemplatesPage({ title, needs, actions, children }: { title: string; needs: string; actions?: ReactNode; children: ReactNode }): ReactNode {
  const t = useTranslations('operations')
  return (
    <Page title={title} actions={actions}>
      <SectionNav
        label={t('templates')}
        places={[
          { to: '/console/templates', label: t('cardTemplates'), exact: true },
          { to: '/console/templates/messages', label: t('messages') },
        ]}
      />
      <Allowed needs={needs}>{children}</Allowed>
    </Page>
  )
}
