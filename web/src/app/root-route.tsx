/** What all routes hang on, and who may pass. */
import { createRootRoute, Outlet, redirect } from '@tanstack/react-router'

import { meQuery, queryClient } from '@/api/queries'
import { Missing } from '@/components/states'

export const root = createRootRoute({ component: Outlet, notFoundComponent: Missing })

/** Staff hold no cards, so whoever has a role of staff belongs into the console, and nobody else does. */
export async function signedIn(pathname: string, where: 'holder' | 'console'): Promise<void> {
  const me = await queryClient.ensureQueryData(meQuery)
  // The router's redirects are thrown by its design.
  /* oxlint-disable typescript/only-throw-error */
  if (me === null) {
    throw redirect({ to: '/sign-in', search: pathname === '/' ? {} : { next: pathname } })
  }
  const belongs = me.roles.some((role) => role !== 'cardholder') ? 'console' : 'holder'
  if (belongs !== where) {
    throw redirect({ to: belongs === 'console' ? '/console' : '/' })
  }
  /* oxlint-enable typescript/only-throw-error */
}
