/** The pages about payments, books, the trail, templates, the team and the installation's health. */
import { createRoute } from '@tanstack/react-router'

import { staff } from './console-root'
import { page } from './lazy-page'
import { explorerSearch, textSearch } from './searches'

const under = { getParentRoute: () => staff }
const ledgerSearch = textSearch('account', 'kind', 'external', 'since', 'until')
const accountsSearch = textSearch('code', 'owner')
const differencesSearch = textSearch('state', 'kind', 'age', 'difference')
const trailSearch = textSearch('actor', 'subject', 'action', 'since', 'until')

export const operationsRoutes = [
  createRoute({
    ...under,
    path: '/payments',
    validateSearch: explorerSearch,
    component: page('console', () => import('@/features/console/payments/payments'), 'Payments'),
  }),
  createRoute({ ...under, path: '/payments/$paymentId', component: page('console', () => import('@/features/console/payments/payment'), 'PaymentPage') }),
  createRoute({ ...under, path: '/ledger', component: page('console', () => import('@/features/console/ledger/trial-balance'), 'TrialBalance') }),
  createRoute({
    ...under,
    path: '/ledger/entries',
    validateSearch: ledgerSearch,
    component: page('console', () => import('@/features/console/ledger/entries'), 'Entries'),
  }),
  createRoute({
    ...under,
    path: '/ledger/accounts',
    validateSearch: accountsSearch,
    component: page('console', () => import('@/features/console/ledger/accounts'), 'Accounts'),
  }),
  createRoute({ ...under, path: '/ledger/new', component: page('console', () => import('@/features/console/ledger/new-entry'), 'NewEntry') }),
  createRoute({ ...under, path: '/ledger/months', component: page('console', () => import('@/features/console/ledger/months'), 'Months') }),
  createRoute({ ...under, path: '/ledger/seals', component: page('console', () => import('@/features/console/ledger/seals'), 'JournalSeals') }),
  createRoute({
    ...under,
    path: '/reconciliation',
    validateSearch: differencesSearch,
    component: page('console', () => import('@/features/console/reconciliation/differences'), 'Differences'),
  }),
  createRoute({ ...under, path: '/reconciliation/runs', component: page('console', () => import('@/features/console/reconciliation/runs'), 'Runs') }),
  createRoute({ ...under, path: '/reconciliation/days', component: page('console', () => import('@/features/console/reconciliation/days'), 'Days') }),
  createRoute({
    ...under,
    path: '/audit',
    validateSearch: trailSearch,
    component: page('console', () => import('@/features/console/audit/audit'), 'Audit'),
  }),
  createRoute({ ...under, path: '/templates', component: page('console', () => import('@/features/console/templates/cards'), 'CardTemplates') }),
  createRoute({ ...under, path: '/templates/messages', component: page(['console', 'events'], () => import('@/features/console/templates/messages'), 'Messages') }),
  createRoute({ ...under, path: '/team', component: page('console', () => import('@/features/console/team/team'), 'Team') }),
  createRoute({ ...under, path: '/health', component: page('console', () => import('@/features/console/health/health'), 'HealthPage') }),
] as const
