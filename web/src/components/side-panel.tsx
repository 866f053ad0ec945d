import { Drawer } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

/** Something of a list, looked at beside it; Escape leads back to where one was. */
export function SidePanel({ title, close, children }: { title: ReactNode; close: () => void; children: ReactNode }): ReactNode {
  const t = useTranslations('common')
  return (
    <Drawer opened onClose={close} title={title} position="right" size="lg" closeButtonProps={{ 'aria-label': t('close') }}>
      {children}
    </Drawer>
  )
}
