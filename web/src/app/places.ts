/** Where one can go from every page. */
import { IconArrowsExchange, IconCards, IconHome, IconId, IconInbox, IconShieldLock } from '@tabler/icons-react'

export const PLACES = [
  { to: '/', name: 'home', icon: IconHome, onPhone: true },
  { to: '/cards', name: 'cards', icon: IconCards, onPhone: true },
  { to: '/activity', name: 'activity', icon: IconArrowsExchange, onPhone: true },
  { to: '/inbox', name: 'inbox', icon: IconInbox, onPhone: true },
  { to: '/identity', name: 'identity', icon: IconId, onPhone: false },
  { to: '/security', name: 'security', icon: IconShieldLock, onPhone: false },
] as const
