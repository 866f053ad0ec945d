import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { meQuery } from '@/api/queries'

import { CONSOLE_GROUPS } from './console-places'
import { Frame } from './frame'

/** What surrounds the pages of staff. */
export function ConsoleShell(): ReactNode {
  const t = useTranslations('staff')
  const { data: me } = useQuery(meQuery)
  const mayGo = (needs: string | null) => needs === null || me?.permissions.includes(needs)
  const groups = CONSOLE_GROUPS.map(({ name, places }) => ({
    label: name === null ? undefined : t(name),
    places: places
      .filter(({ needs }) => mayGo(needs))
      .map(({ to, name: place, icon, onPhone }) => ({ to, icon, onPhone, label: t(place) })),
  }))
  return <Frame home="/console" groups={groups.filter(({ places }) => places.length > 0)} />
}
