/** The pages of staff. */
import { createRoute } from '@tanstack/react-router'

import { operationsRoutes } from './console-operations-routes'
import { peopleRoutes } from './console-people-routes'
import { staff } from './console-root'
import { rulesRoutes } from './console-rules-routes'
import { overviewSearch } from './console-searches'
import { page } from './lazy-page'

const overview = createRoute({
  getParentRoute: () => staff,
  path: '/',
  validateSearch: overviewSearch,
  component: page('console', () => import('@/features/console/overview/overview'), 'Overview'),
})

const developers = createRoute({
  getParentRoute: () => staff,
  path: '/developers',
  component: page('holder', () => import('@/features/developers/developers'), 'Developers'),
})

export const consoleRoutes = staff.addChildren([overview, developers, ...peopleRoutes, ...rulesRoutes, ...operationsRoutes])
