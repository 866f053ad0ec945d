/** The command palette: every place, every card, and what one does most. Loaded when it is opened first. */
import '@mantine/spotlight/styles.layer.css'

import { createSpotlight, Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import {
  IconArrowsExchange,
  IconCards,
  IconCreditCard,
  IconHome,
  IconId,
  IconInbox,
  IconPlus,
  IconSearch,
  IconShieldLock,
  IconWallet,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { useTranslations } from 'use-intl'

import { cardsQuery } from '@/api/queries'

const [store, palette] = createSpotlight()
const PLACES = [
  { to: '/', name: 'home', icon: <IconHome size={20} /> },
  { to: '/top-up', name: 'topUp', icon: <IconWallet size={20} /> },
  { to: '/cards/new', name: 'newCard', icon: <IconPlus size={20} /> },
  { to: '/cards', name: 'cards', icon: <IconCards size={20} /> },
  { to: '/activity', name: 'activity', icon: <IconArrowsExchange size={20} /> },
  { to: '/inbox', name: 'inbox', icon: <IconInbox size={20} /> },
  { to: '/identity', name: 'identity', icon: <IconId size={20} /> },
  { to: '/security', name: 'security', icon: <IconShieldLock size={20} /> },
] as const

export default function Palette({ close }: { close: () => void }): ReactNode {
  const t = useTranslations('app')
  const navigate = useNavigate()
  const { data: cards } = useQuery(cardsQuery)
  useEffect(() => palette.open(), [])
  const actions: SpotlightActionData[] = [
    ...PLACES.map(({ to, name, icon }) => ({
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
