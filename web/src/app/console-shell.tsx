import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { meQuery } from '@/api/queries'

import { CONSOLE_GROUPS } from './console-places'
import { Frame } from './frame'

const MOST_IN_THE_BAR = 4

/** What surrounds the pages of staff. */
export function ConsoleShell(): ReactNode {
  const t = useTranslations('staff')
  const { data: me } = useQuery(meQuery)
  const mayGo = (needs: string | null) => needs === null || me?.permissions.includes(needs)
  const reached = CONSOLE_GROUPS.flatMap(({ places }) => places.filter(({ needs }) => mayGo(needs)))
  const inTheBar = new Set(reached.filter(({ onPhone }) => onPhone).slice(0, MOST_IN_THE_BAR))
  const groups = CONSOLE_GROUPS.map(({ name, places }) => ({
    label: name === null ? undefined : t(name),
    places: places
      .filter((place) => mayGo(place.needs))
      .map((place) => ({ to: place.to, icon: place.icon, onPhone: inTheBar.has(place), label: t(place.name) })),
  }))
  return <Frame home="/console" groups={groups.filter(({ places }) => places.length > 0)} />
}
