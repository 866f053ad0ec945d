/** Every page and its address. Pages are loaded when they are visited, or when a pointer comes near a link to them. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'

import {
  cardLimitsQuery,
  cardQuery,
  cardsQuery,
  heldQuery,
  identityQuery,
  meQuery,
  notificationsQuery,
  paymentQuery,
  paymentsQuery,
  queryClient,
  spendingQuery,
  templatesQuery,
  walletQuery,
} from '@/api/queries'
import { Failed, Missing } from '@/components/states'

import { activitySearch, signInSearch } from './searches'

const root = createRootRoute({ component: Outlet, notFoundComponent: Missing })

const guests = createRoute({
  getParentRoute: () => root,
  id: 'guests',
  component: lazyRouteComponent(() => import('@/features/auth/layout'), 'AuthLayout'),
})

const signIn = createRoute({
  getParentRoute: () => guests,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import('@/features/auth/sign-in'), 'SignIn'),
})
const signUp = createRoute({
  getParentRoute: () => guests,
  path: '/sign-up',
  component: lazyRouteComponent(() => import('@/features/auth/sign-up'), 'SignUp'),
})
const forgotten = createRoute({
  getParentRoute: () => guests,
  path: '/forgotten-password',
  component: lazyRouteComponent(() => import('@/features/auth/forgotten'), 'ForgottenPassword'),
})
const reset = createRoute({
  getParentRoute: () => guests,
  path: '/reset-password',
  component: lazyRouteComponent(() => import('@/features/auth/forgotten'), 'ResetPassword'),
})

const holder = createRoute({
  getParentRoute: () => root,
  id: 'holder',
  beforeLoad: async ({ location }) => {
    const me = await queryClient.ensureQueryData(meQuery)
    if (me === null) {
      // The router's redirect is thrown by its design.
      // oxlint-disable-next-line typescript/only-throw-error
      throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { next: location.pathname } })
    }
  },
  component: lazyRouteComponent(() => import('@/app/shell'), 'Shell'),
  errorComponent: Failed,
})

const home = createRoute({
  getParentRoute: () => holder,
  path: '/',
  loader: () => {
    void queryClient.prefetchQuery(walletQuery)
    void queryClient.prefetchQuery(cardsQuery)
    void queryClient.prefetchQuery(heldQuery)
    void queryClient.prefetchQuery(spendingQuery)
    void queryClient.prefetchInfiniteQuery(paymentsQuery({}, 8))
  },
  component: lazyRouteComponent(() => import('@/features/home/home'), 'Home'),
})
const cards = createRoute({
  getParentRoute: () => holder,
  path: '/cards',
  loader: () => void queryClient.prefetchQuery(cardsQuery),
  component: lazyRouteComponent(() => import('@/features/cards/cards'), 'Cards'),
})
const newCard = createRoute({
  getParentRoute: () => holder,
  path: '/cards/new',
  loader: () => {
    void queryClient.prefetchQuery(templatesQuery)
    void queryClient.prefetchQuery(identityQuery)
  },
  component: lazyRouteComponent(() => import('@/features/cards/new-card'), 'NewCard'),
})
const card = createRoute({
  getParentRoute: () => holder,
  path: '/cards/$cardId',
  loader: ({ params }) => {
    void queryClient.prefetchQuery(cardQuery(params.cardId))
    void queryClient.prefetchQuery(cardLimitsQuery(params.cardId))
  },
  component: lazyRouteComponent(() => import('@/features/cards/card'), 'CardPage'),
})
const activity = createRoute({
  getParentRoute: () => holder,
  path: '/activity',
  validateSearch: activitySearch,
  loader: () => void queryClient.prefetchInfiniteQuery(paymentsQuery()),
  component: lazyRouteComponent(() => import('@/features/activity/activity'), 'Activity'),
})
const payment = createRoute({
  getParentRoute: () => holder,
  path: '/payments/$paymentId',
  loader: ({ params }) => void queryClient.prefetchQuery(paymentQuery(params.paymentId)),
  component: lazyRouteComponent(() => import('@/features/activity/payment'), 'PaymentPage'),
})
const topUp = createRoute({
  getParentRoute: () => holder,
  path: '/top-up',
  loader: () => void queryClient.prefetchQuery(walletQuery),
  component: lazyRouteComponent(() => import('@/features/funding/top-up'), 'TopUp'),
})
const identity = createRoute({
  getParentRoute: () => holder,
  path: '/identity',
  loader: () => void queryClient.prefetchQuery(identityQuery),
  component: lazyRouteComponent(() => import('@/features/identity/identity'), 'Identity'),
})
const inbox = createRoute({
  getParentRoute: () => holder,
  path: '/inbox',
  loader: () => void queryClient.prefetchInfiniteQuery(notificationsQuery),
  component: lazyRouteComponent(() => import('@/features/inbox/inbox'), 'Inbox'),
})
const security = createRoute({
  getParentRoute: () => holder,
  path: '/security',
  component: lazyRouteComponent(() => import('@/features/security/security'), 'Security'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    guests.addChildren([signIn, signUp, forgotten, reset]),
    holder.addChildren([home, cards, newCard, card, activity, payment, topUp, identity, inbox, security]),
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: Failed,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
