/** The pages about people, and the queues of work about them. */
import { createRoute } from '@tanstack/react-router'

import { staff } from './console-root'
import { approvalsSearch, casesSearch, customersSearch, disputesSearch, reviewsSearch } from './console-searches'
import { page } from './lazy-page'

const customers = createRoute({
  getParentRoute: () => staff,
  path: '/customers',
  validateSearch: customersSearch,
  component: page('console', () => import('@/features/console/customers/customers'), 'Customers'),
})
const customer = createRoute({
  getParentRoute: () => staff,
  path: '/customers/$userId',
  component: page(['console', 'events'], () => import('@/features/console/customers/customer'), 'Customer'),
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

export const peopleRoutes = [customers, customer, reviews, review, cases, approvals, disputes]
