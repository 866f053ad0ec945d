import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { Page } from '@/components/page'

export function Overview(): ReactNode {
  const t = useTranslations('staff')
  return <Page title={t('overview')}>{null}</Page>
}
