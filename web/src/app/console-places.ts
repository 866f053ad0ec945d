/** Where staff can go from every page of the console: only where a role of theirs reaches. */
import { IconChecks, IconGauge, IconGavel, IconId, IconScale, IconUsers } from '@tabler/icons-react'

/** `needs` is a permission of the API; nothing means that every member of staff may look. */
export const CONSOLE_GROUPS = [
  { name: null, places: [{ to: '/console', name: 'overview', icon: IconGauge, needs: null, onPhone: true }] },
  {
    name: 'work',
    places: [
      { to: '/console/reviews', name: 'reviews', icon: IconId, needs: 'identity_reviews.read', onPhone: true },
      { to: '/console/cases', name: 'cases', icon: IconGavel, needs: 'cases.read', onPhone: true },
      { to: '/console/disputes', name: 'disputes', icon: IconScale, needs: 'disputes.read', onPhone: false },
      { to: '/console/approvals', name: 'approvals', icon: IconChecks, needs: 'approvals.read', onPhone: false },
    ],
  },
  {
    name: 'program',
    places: [{ to: '/console/customers', name: 'customers', icon: IconUsers, needs: 'users.read', onPhone: true }],
  },
] as const
