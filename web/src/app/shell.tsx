import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { Frame } from './frame'
import { PLACES } from './places'

/** What surrounds a cardholder's pages. */
export function Shell(): ReactNode {
  const t = useTranslations('app')
  return <Frame home="/" groups={[{ places: PLACES.map(({ to, name, icon, onPhone }) => ({ to, icon, onPhone, label: t(name) })) }]} />
}
