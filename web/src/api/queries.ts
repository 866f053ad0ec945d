/** What the app reads from the API, and under which keys it is kept. Pages share these; nothing else holds server state. */
import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query'

import { answer } from './client'
import {
  countUnread,
  getAnnotation,
  getCard,
  getIdentityStanding,
  getMe,
  getPayment,
  getSpending,
  getTopUp,
  getWallet,
  listCardLimits,
  listCards,
  listCardTemplates,
  listFactors,
  listNotifications,
  listPayments,
  type PaymentStatus,
  type PaymentView,
} from './generated'
import { unlessLive } from './liveness'
import { pageAsRead } from './long-lists'
import { ApiError } from './problems'
import { rereadAfterChanges } from './reread'

const SOON_MS = 1_500
/** Where somebody stands while another party is at work. */
const WAITED_FOR = new Set(['collecting', 'submitted', 'in_review'])
const MOST_RETRIES = 2
const MOST_CARDS = 100
const PAGE = 50
const MOST_HELD = 20
const FIRST_SERVER_FAULT = 500

export const queryClient = new QueryClient({
  mutationCache: rereadAfterChanges(),
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // What was refused is refused again; what failed for want of a connection may come.
      retry: (count, error) =>
        count < MOST_RETRIES && error instanceof ApiError && (error.status === 0 || error.status >= FIRST_SERVER_FAULT),
    },
  },
})

/** Who is signed in; null for nobody. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async () => {
    try {
      return await answer(getMe())
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        return null
      }
      throw error
    }
  },
  staleTime: 60_000,
})

export const walletQuery = queryOptions({
  queryKey: ['wallet'],
  queryFn: () => answer(getWallet()),
  refetchInterval: unlessLive,
})

export const cardsQuery = queryOptions({
  queryKey: ['cards'],
  queryFn: async () => (await answer(listCards({ query: { limit: MOST_CARDS } }))).data,
})

export const cardQuery = (cardId: string) =>
  queryOptions({
    queryKey: ['cards', cardId],
    queryFn: () => answer(getCard({ path: { card_id: cardId } })),
    // A card that was just asked for becomes active as soon as it is issued.
    refetchInterval: (query) => (query.state.data?.state === 'inactive' ? 1_000 : false),
  })

export const cardLimitsQuery = (cardId: string) =>
  queryOptions({
    queryKey: ['cards', cardId, 'limits'],
    queryFn: () => answer(listCardLimits({ path: { card_id: cardId } })),
    refetchInterval: unlessLive,
  })

export const templatesQuery = queryOptions({
  queryKey: ['templates'],
  queryFn: async () => (await answer(listCardTemplates({ query: { limit: MOST_CARDS } }))).data,
  staleTime: 60_000,
})

export interface PaymentFilters {
  text?: string | undefined
  status?: PaymentStatus | undefined
  card_id?: string | undefined
}

export const paymentsQuery = (filters: PaymentFilters = {}, limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: ['payments', filters, limit],
    queryFn: ({ pageParam, client, queryKey }) =>
      pageAsRead<PaymentView>(client, queryKey, pageParam, limit) ??
      answer(
        listPayments({
          query: {
            limit,
            ...(pageParam === null ? {} : { cursor: pageParam }),
            ...(filters.text ? { text: filters.text } : {}),
            ...(filters.status ? { status: filters.status } : {}),
            ...(filters.card_id ? { card_id: filters.card_id } : {}),
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: unlessLive,
  })

export const heldQuery = queryOptions({
  queryKey: ['payments', 'held'],
  queryFn: async () => {
    const page = await answer(listPayments({ query: { status: 'pending', limit: MOST_HELD } }))
    return page.data.filter((payment) => payment.held > 0)
  },
  refetchInterval: unlessLive,
})

export const paymentQuery = (paymentId: string) =>
  queryOptions({
    queryKey: ['payment', paymentId],
    queryFn: () => answer(getPayment({ path: { payment_id: paymentId } })),
    refetchInterval: unlessLive,
  })

export const annotationQuery = (paymentId: string) =>
  queryOptions({
    queryKey: ['payment', paymentId, 'annotation'],
    queryFn: () => answer(getAnnotation({ path: { payment_id: paymentId } })),
  })

export const spendingQuery = queryOptions({
  queryKey: ['payments', 'spending'],
  queryFn: () => answer(getSpending({ query: { by: 'category' } })),
})

export const identityQuery = queryOptions({
  queryKey: ['identity'],
  queryFn: () => answer(getIdentityStanding()),
  refetchInterval: (query) => (WAITED_FOR.has(query.state.data?.status ?? '') ? SOON_MS : false),
})

export const notificationsQuery = infiniteQueryOptions({
  queryKey: ['notifications'],
  queryFn: ({ pageParam }) =>
    answer(listNotifications({ query: { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: unlessLive,
})

export const unreadQuery = queryOptions({
  queryKey: ['unread'],
  queryFn: async () => (await answer(countUnread())).unread,
  refetchInterval: unlessLive,
})

const MOVING = new Set(['requested', 'pending', 'requires_action'])

export const topUpQuery = (topUpId: string) =>
  queryOptions({
    queryKey: ['top-ups', topUpId],
    queryFn: () => answer(getTopUp({ path: { top_up_id: topUpId } })),
    refetchInterval: (query) => (MOVING.has(query.state.data?.status ?? 'pending') ? 800 : false),
  })

export const factorsQuery = queryOptions({ queryKey: ['factors'], queryFn: () => answer(listFactors()) })
