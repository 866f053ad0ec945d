/** The command palette: every place, every card, and what one does most. Loaded when it is opened first. */
import '@mantine/spotlight/styles.layer.css'

import { createSpotlight, Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { IconCreditCard, IconPlus, IconSearch, IconWallet } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { useTranslations } from 'use-intl'

import { cardsQuery, meQuery } from '@/api/queries'

import type { Place } from './frame'

const [store, palette] = createSpotlight()
/** What a cardholder does most, beside the places. */
const DEEDS = [
  { to: '/top-up', name: 'topUp', icon: <IconWallet size={20} /> },
  { to: '/cards/new', name: 'newCard', icon: <IconPlus size={20} /> },
] as const

export default function Palette({ places, close }: { places: readonly Place[]; close: () => void }): ReactNode {
  const t = useTranslations('app')
  const navigate = useNavigate()
  const { data: me } = useQuery(meQuery)
  const isHolder = me?.roles.includes('cardholder') ?? false
  const { data: cards } = useQuery({ ...cardsQuery, enabled: isHolder })
  useEffect(() => palette.open(), [])
  const actions: SpotlightActionData[] = [
    ...places.map(({ to, label, icon: Icon }) => ({
      id: to,
      label,
      leftSection: <Icon size={20} />,
      onClick: () => void navigate({ to }),
    })),
    ...(isHolder ? DEEDS : []).map(({ to, name, icon }) => ({
      id: to,
      label: t(name),
      leftSection: icon,
      onClick: () => void navigate({ to }),
    })),
    ...(cards ?? []).map((card) => ({
      id: card.id,
      label: card.label,
      description: card.last4 ? `•••• ${card.last4}` : '',
      leftSection: <IconCreditCard size={20} />,
      onClick: () => void navigate({ to: '/cards/$cardId', params: { cardId: card.id } }),
    })),
  ]
  return (
    <Spotlight
      store={store}
      actions={actions}
      shortcut={null}
      lockScroll={false}
      onSpotlightClose={close}
      nothingFound={t('nothingFound')}
      highlightQuery
      scrollable
      maxHeight={380}
      radius="lg"
      searchProps={{ leftSection: <IconSearch size={20} />, placeholder: t('searchHint'), 'aria-label': t('search') }}
    />
  )
}
