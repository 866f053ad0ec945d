/** The pages of setting up, in a frame of their own. */
import { createRoute } from '@tanstack/react-router'

import { Failed } from '@/components/states'

import { page } from './lazy-page'
import { root, signedIn } from './root-route'
import { idSearch } from './searches'

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up',
  beforeLoad: ({ location }) => signedIn(location.pathname, 'holder'),
  component: page('base', () => import('@/app/set-up/frame'), 'SetUpFrame'),
  errorComponent: Failed,
})
const under = { getParentRoute: () => setUp }
const load = () => import('@/app/set-up/steps')

const steps = [
  createRoute({ ...under, path: '/', component: page('holder', load, 'GoOn') }),
  createRoute({ ...under, path: '/passkey', component: page('holder', load, 'PasskeyStep') }),
  createRoute({ ...under, path: '/identity', component: page('holder', load, 'IdentityStep') }),
  createRoute({ ...under, path: '/money', validateSearch: idSearch, component: page('holder', load, 'MoneyStep') }),
  createRoute({ ...under, path: '/card', component: page('holder', load, 'CardStep') }),
  createRoute({ ...under, path: '/done', component: page('holder', load, 'Done') }),
] as const

export const setUpRoutes = setUp.addChildren(steps)
