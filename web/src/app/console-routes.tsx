/** The pages of staff. */
import { createRoute } from '@tanstack/react-router'

import { Failed } from '@/components/states'

import { page } from './lazy-page'
import { root, signedIn } from './root-route'

const staff = createRoute({
  getParentRoute: () => root,
  path: '/console',
  beforeLoad: ({ location }) => signedIn(location.pathname, 'console'),
  component: page('console', () => import('@/app/console-shell'), 'ConsoleShell'),
  errorComponent: Failed,
})

const overview = createRoute({
  getParentRoute: () => staff,
  path: '/',
  component: page('console', () => import('@/features/console/overview/overview'), 'Overview'),
})

const developers = createRoute({
  getParentRoute: () => staff,
  path: '/developers',
  component: page('holder', () => import('@/features/developers/developers'), 'Developers'),
})

export const consoleRoutes = staff.addChildren([overview, developers])
