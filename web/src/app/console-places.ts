/** Where staff can go from every page of the console: only where a role of theirs reaches. */
import { IconGauge } from '@tabler/icons-react'

/** `needs` is a permission of the API; nothing means that every member of staff may look. */
export const CONSOLE_GROUPS = [
  { name: null, places: [{ to: '/console', name: 'overview', icon: IconGauge, needs: null, onPhone: true }] },
] as const
