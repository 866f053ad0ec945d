import { useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useEffect } from 'react'
import { useTranslations } from 'use-intl'

import { followChanges } from '@/api/live'
import { unreadQuery } from '@/api/queries'
import { loadTexts } from '@/lib/i18n'

import { Frame } from './frame'
import { PLACE_GROUPS } from './places'

const WaitingForYou = lazy(async () => {
  const [module] = await Promise.all([import('@/features/approvals/waiting-for-you'), loadTexts('holder')])
  return module
})

/** What surrounds a cardholder's pages. */
export function Shell(): ReactNode {
  const t = useTranslations('app')
  const client = useQueryClient()
  useEffect(() => followChanges(client), [client])
  const { data: unread = 0 } = useQuery(unreadQuery)
  const groups = PLACE_GROUPS.map((places) => ({
    places: places.map(({ to, name, icon, onPhone }) => ({
      to,
      icon,
      onPhone,
      label: t(name),
      waiting: to === '/inbox' ? { count: unread, label: t('unread', { count: unread }) } : undefined,
    })),
  }))
  return (
    <Frame home="/" groups={groups}>
      <Suspense>
        <WaitingForYou />
      </Suspense>
    </Frame>
  )
}
