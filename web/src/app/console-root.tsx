/** What all pages of staff hang on. */
import { createRoute } from '@tanstack/react-router'

import { Failed } from '@/components/states'

import { page } from './lazy-page'
import { root, signedIn } from './root-route'

export const staff = createRoute({
  getParentRoute: () => root,
  path: '/console',
  beforeLoad: ({ location }) => signedIn(location.pathname, 'console'),
  component: page('console', () => import('@/app/console-shell'), 'ConsoleShell'),
  errorComponent: Failed,
})
