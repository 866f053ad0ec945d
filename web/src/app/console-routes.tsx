/** The pages of staff. */
import { createRoute } from '@tanstack/react-router'

import { operationsRoutes } from './console-operations-routes'
import { staff } from './console-root'
import { rulesRoutes } from './console-rules-routes'
import { approvalsSearch, casesSearch, customersSearch, disputesSearch, overviewSearch, reviewsSearch } from './console-searches'
import { page } from './lazy-page'

const overview = createRoute({
  getParentRoute: () => staff,
  path: '/',
  validateSearch: overviewSearch,
  component: page('console', () => import('@/features/console/overview/overview'), 'Overview'),
})
const customers = createRoute({
  getParentRoute: () => staff,
  path: '/customers',
  validateSearch: customersSearch,
  component: page('console', () => import('@/features/console/customers/customers'), 'Customers'),
})
const customer = createRoute({
  getParentRoute: () => staff,
  path: '/customers/$userId',
  component: page('console', () => import('@/features/console/customers/customer'), 'Customer'),
})
const reviews = createRoute({
  getParentRoute: () => staff,
  path: '/reviews',
  validateSearch: reviewsSearch,
  component: page('console', () => import('@/features/console/reviews/reviews'), 'Reviews'),
})
const review = createRoute({
  getParentRoute: () => staff,
  path: '/reviews/$reviewId',
  component: page('console', () => import('@/features/console/reviews/review'), 'Review'),
})
const cases = createRoute({
  getParentRoute: () => staff,
  path: '/cases',
  validateSearch: casesSearch,
  component: page('console', () => import('@/features/console/cases/cases'), 'Cases'),
})
const approvals = createRoute({
  getParentRoute: () => staff,
  path: '/approvals',
  validateSearch: approvalsSearch,
  component: page('console', () => import('@/features/console/approvals/approvals'), 'Approvals'),
})
const disputes = createRoute({
  getParentRoute: () => staff,
  path: '/disputes',
  validateSearch: disputesSearch,
  component: page('console', () => import('@/features/console/disputes/disputes'), 'Disputes'),
})

const workRoutes = [overview, customers, customer, reviews, review, cases, approvals, disputes] as const

export const consoleRoutes = staff.addChildren([...workRoutes, ...rulesRoutes, ...operationsRoutes])
