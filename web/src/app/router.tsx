/** Every page and its address. Pages are loaded when they are visited, or when a pointer comes near a link to them. */
import { type AnyRoute, createRoute, createRouter } from '@tanstack/react-router'

import { meQuery, queryClient } from '@/api/queries'
import { Failed } from '@/components/states'

import { consoleRoutes } from './console-routes'
import { holderRoutes } from './holder-routes'
import { page } from './lazy-page'
import { root } from './root-route'
import { signInSearch } from './searches'
import { setUpRoutes } from './set-up-routes'

const guests = createRoute({
  getParentRoute: () => root,
  id: 'guests',
  component: page('base', () => import('@/features/auth/layout'), 'AuthLayout'),
})

const signIn = createRoute({
  getParentRoute: () => guests,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: page('base', () => import('@/features/auth/sign-in'), 'SignIn'),
})
const signUp = createRoute({
  getParentRoute: () => guests,
  path: '/sign-up',
  component: page('base', () => import('@/features/auth/sign-up'), 'SignUp'),
})
const forgotten = createRoute({
  getParentRoute: () => guests,
  path: '/forgotten-password',
  component: page('base', () => import('@/features/auth/forgotten'), 'ForgottenPassword'),
})
const reset = createRoute({
  getParentRoute: () => guests,
  path: '/reset-password',
  component: page('base', () => import('@/features/auth/forgotten'), 'ResetPassword'),
})

export const router = createRouter({
  routeTree: root.addChildren([guests.addChildren([signIn, signUp, forgotten, reset]), holderRoutes, setUpRoutes, consoleRoutes]),
  defaultPreload: 'intent',
  defaultErrorComponent: Failed,
  scrollRestoration: true,
})

/** Fetch what the page that was opened is made of, all at once, while the router still asks who may see it. */
export function fetchAhead(): void {
  const matches = router.matchRoutes(router.latestLocation) as readonly { routeId: string }[]
  const routes = router.routesById as Record<string, AnyRoute | undefined>
  for (const { routeId } of matches) {
    void (routes[routeId]?.options.component as { preload?: () => Promise<void> } | undefined)?.preload?.()
  }
  if (!matches.some(({ routeId }) => routeId === guests.id)) {
    void queryClient.prefetchQuery(meQuery)
  }
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
