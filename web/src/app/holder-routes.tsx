/** The pages of a cardholder. */
import { createRoute, redirect } from '@tanstack/react-router'

import { disputeQuery, disputesQuery } from '@/api/disputes'
import {
  cardLimitsQuery,
  cardQuery,
  cardsQuery,
  heldQuery,
  identityQuery,
  notificationsQuery,
  paymentQuery,
  paymentsQuery,
  queryClient,
  spendingQuery,
  templatesQuery,
  walletQuery,
} from '@/api/queries'
import { Failed } from '@/components/states'

import { page } from './lazy-page'
import { activitySearch, idSearch, monthSearch } from './searches'
import { root, signedIn } from './root-route'

const holder = createRoute({
  getParentRoute: () => root,
  id: 'holder',
  beforeLoad: ({ location }) => signedIn(location.pathname, 'holder'),
  component: page('base', () => import('@/app/shell'), 'Shell'),
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
  component: page('base', () => import('@/features/home/home'), 'Home'),
})
const cards = createRoute({
  getParentRoute: () => holder,
  path: '/cards',
  loader: () => void queryClient.prefetchQuery(cardsQuery),
  component: page('base', () => import('@/features/cards/cards'), 'Cards'),
})
const newCard = createRoute({
  getParentRoute: () => holder,
  path: '/cards/new',
  loader: () => {
    void queryClient.prefetchQuery(templatesQuery)
    void queryClient.prefetchQuery(identityQuery)
  },
  component: page('holder', () => import('@/features/cards/new-card'), 'NewCard'),
})
const card = createRoute({
  getParentRoute: () => holder,
  path: '/cards/$cardId',
  loader: ({ params }) => {
    void queryClient.prefetchQuery(cardQuery(params.cardId))
    void queryClient.prefetchQuery(cardLimitsQuery(params.cardId))
  },
  component: page('holder', () => import('@/features/cards/card'), 'CardPage'),
})
const activity = createRoute({
  getParentRoute: () => holder,
  path: '/activity',
  validateSearch: activitySearch,
  loader: () => void queryClient.prefetchInfiniteQuery(paymentsQuery()),
  component: page('holder', () => import('@/features/activity/activity'), 'Activity'),
})
const payment = createRoute({
  getParentRoute: () => holder,
  path: '/payments/$paymentId',
  loader: ({ params }) => void queryClient.prefetchQuery(paymentQuery(params.paymentId)),
  component: page('holder', () => import('@/features/activity/payment'), 'PaymentPage'),
})
const beginDispute = createRoute({
  getParentRoute: () => holder,
  path: '/payments/$paymentId/dispute',
  loader: ({ params }) => void queryClient.prefetchQuery(paymentQuery(params.paymentId)),
  component: page('holder', () => import('@/features/disputes/begin'), 'BeginDispute'),
})
const disputes = createRoute({
  getParentRoute: () => holder,
  path: '/disputes',
  loader: () => void queryClient.prefetchQuery(disputesQuery),
  component: page('holder', () => import('@/features/disputes/disputes'), 'Disputes'),
})
const dispute = createRoute({
  getParentRoute: () => holder,
  path: '/disputes/$disputeId',
  loader: ({ params }) => void queryClient.prefetchQuery(disputeQuery(params.disputeId)),
  component: page('holder', () => import('@/features/disputes/dispute'), 'DisputePage'),
})
const approvals = createRoute({
  getParentRoute: () => holder,
  path: '/approvals',
  component: page('holder', () => import('@/features/approvals/approvals'), 'Approvals'),
})
const topUp = createRoute({
  getParentRoute: () => holder,
  path: '/top-up',
  validateSearch: idSearch,
  loader: () => void queryClient.prefetchQuery(walletQuery),
  component: page('holder', () => import('@/features/money/top-up'), 'TopUp'),
})
const money = createRoute({
  getParentRoute: () => holder,
  path: '/money',
  validateSearch: monthSearch,
  component: page('holder', () => import('@/features/money/money'), 'MoneyPage'),
})
const withdraw = createRoute({
  getParentRoute: () => holder,
  path: '/money/withdraw',
  component: page('holder', () => import('@/features/money/withdraw'), 'Withdraw'),
})
const sources = createRoute({
  getParentRoute: () => holder,
  path: '/money/sources',
  component: page('holder', () => import('@/features/money/sources'), 'Sources'),
})
const identity = createRoute({
  getParentRoute: () => holder,
  path: '/identity',
  loader: () => void queryClient.prefetchQuery(identityQuery),
  component: page('holder', () => import('@/features/identity/identity'), 'Identity'),
})
const inbox = createRoute({
  getParentRoute: () => holder,
  path: '/inbox',
  loader: () => void queryClient.prefetchInfiniteQuery(notificationsQuery),
  component: page('holder', () => import('@/features/inbox/inbox'), 'Inbox'),
})
const preferences = createRoute({
  getParentRoute: () => holder,
  path: '/notification-preferences',
  component: page(['holder', 'events'], () => import('@/features/inbox/preferences'), 'Preferences'),
})
const security = createRoute({
  getParentRoute: () => holder,
  path: '/security',
  component: page(['holder', 'events'], () => import('@/features/security/security'), 'Security'),
})

const developers = createRoute({
  getParentRoute: () => holder,
  path: '/developers',
  component: page('holder', () => import('@/features/developers/developers'), 'Developers'),
})

/** Where vendors' pages lead back to. */
const RETURNS = [
  ['/verified', '/identity'],
  ['/top-ups', '/money'],
  ['/payment-methods', '/money/sources'],
] as const
const returns = RETURNS.map(([path, to]) =>
  createRoute({
    getParentRoute: () => holder,
    path,
    beforeLoad: () => {
      // The router's redirects are thrown by its design.
      // oxlint-disable-next-line typescript/only-throw-error
      throw redirect({ to })
    },
  }),
)

export const holderRoutes = holder.addChildren([
  home,
  cards,
  newCard,
  card,
  activity,
  payment,
  beginDispute,
  disputes,
  dispute,
  approvals,
  topUp,
  money,
  withdraw,
  sources,
  identity,
  inbox,
  preferences,
  security,
  developers,
  ...returns,
])
