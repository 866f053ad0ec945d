/** Where one can go from every page. */
import {
  IconArrowsExchange,
  IconCards,
  IconCode,
  IconHome,
  IconId,
  IconInbox,
  IconScale,
  IconShieldCheck,
  IconShieldLock,
  IconWallet,
} from '@tabler/icons-react'

export const PLACE_GROUPS = [
  [
    { to: '/', name: 'home', icon: IconHome, onPhone: true },
    { to: '/cards', name: 'cards', icon: IconCards, onPhone: true },
    { to: '/activity', name: 'activity', icon: IconArrowsExchange, onPhone: true },

    { to: '/money', name: 'money', icon: IconWallet, onPhone: false },
    { to: '/inbox', name: 'inbox', icon: IconInbox, onPhone: true },
  ],
  [
    { to: '/approvals', name: 'approvals', icon: IconShieldCheck, onPhone: false },
    { to: '/disputes', name: 'disputes', icon: IconScale, onPhone: false },
  ],
  [
    { to: '/identity', name: 'identity', icon: IconId, onPhone: false },
    { to: '/security', name: 'security', icon: IconShieldLock, onPhone: false },
    { to: '/developers', name: 'developers', icon: IconCode, onPhone: false },

  ],
] as const
