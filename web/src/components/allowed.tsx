import { IconLock } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { useMay } from '@/api/may'

import { EmptyState } from './states'

/** What a permission opens; without it, a word on who could open it. */
export function Allowed({ needs, children }: { needs: string; children: ReactNode }): ReactNode {
  const t = useTranslations('staff')
  const may = useMay()
  return may(needs) ? children : <EmptyState icon={<IconLock size={28} />} title={t('deniedTitle')} text={t('deniedText')} />
}
