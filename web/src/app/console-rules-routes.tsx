/** The pages about rules: addresses below /console/rules. */
import { createRoute } from '@tanstack/react-router'

import { staff } from './console-root'
import { page } from './lazy-page'
import { ruleSearch } from './searches'

const under = { getParentRoute: () => staff }

export const rulesRoutes = [
  createRoute({ ...under, path: '/rules', component: page('console', () => import('@/features/console/rules/rulebook'), 'Rulebook') }),
  createRoute({
    ...under,
    path: '/rules/edit',
    validateSearch: ruleSearch,
    component: page('console', () => import('@/features/console/rules/rule-page'), 'RulePage'),
  }),
  createRoute({ ...under, path: '/rules/review', component: page('console', () => import('@/features/console/rules/review'), 'ReviewPage') }),
  createRoute({ ...under, path: '/rules/backtests', component: page('console', () => import('@/features/console/rules/backtests'), 'Backtests') }),
  createRoute({
    ...under,
    path: '/rules/backtests/$backtestId',
    component: page('console', () => import('@/features/console/rules/backtest'), 'BacktestPage'),
  }),
  createRoute({ ...under, path: '/rules/shadow', component: page('console', () => import('@/features/console/rules/shadow'), 'Shadow') }),
  createRoute({ ...under, path: '/rules/versions', component: page('console', () => import('@/features/console/rules/versions'), 'Versions') }),
  createRoute({ ...under, path: '/rules/guardrails', component: page('console', () => import('@/features/console/rules/guardrails'), 'Guardrails') }),
  createRoute({ ...under, path: '/rules/lists', component: page('console', () => import('@/features/console/rules/lists'), 'Lists') }),
  createRoute({ ...under, path: '/rules/lists/$listId', component: page('console', () => import('@/features/console/rules/list'), 'ListPage') }),
  createRoute({ ...under, path: '/rules/models', component: page('console', () => import('@/features/console/rules/models'), 'Models') }),
] as const
