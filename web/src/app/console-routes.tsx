/** The pages of staff. */
import { createRoute } from '@tanstack/react-router'

import { staff } from './console-root'
import { operationsRoutes } from './console-operations-routes'
import { rulesRoutes } from './console-rules-routes'
import { page } from './lazy-page'

const overview = createRoute({
  getParentRoute: () => staff,
  path: '/',
  component: page('console', () => import('@/features/console/overview/overview'), 'Overview'),
})

export const consoleRoutes = staff.addChildren([overview, ...rulesRoutes, ...operationsRoutes])
