/** The wallet's money: what moved, what is on its way in and out, and where it comes from. */
import { queryOptions } from '@tanstack/react-query'

import { answer } from './client'
import { getAutoTopUp, getStatement, listPaymentMethods, listTopUps, listWithdrawals } from './generated'
import { unlessLive } from './liveness'

const SHOWN = 20
const SOON_MS = 1_000
const MOVING = new Set(['requested', 'pending'])

/** `month` as 2026-11. */
export const statementQuery = (month: string) =>
  queryOptions({
    queryKey: ['statement', month],
    queryFn: () => answer(getStatement({ query: { month } })),
    refetchInterval: unlessLive,
  })

export const topUpsQuery = queryOptions({
  queryKey: ['top-ups', 'latest'],
  queryFn: async () => (await answer(listTopUps({ query: { limit: SHOWN } }))).data,
  refetchInterval: unlessLive,
})

export const withdrawalsQuery = queryOptions({
  queryKey: ['withdrawals'],
  queryFn: async () => (await answer(listWithdrawals({ query: { limit: SHOWN } }))).data,
  refetchInterval: unlessLive,
})

export const methodsQuery = queryOptions({
  queryKey: ['payment-methods'],
  queryFn: async () => (await answer(listPaymentMethods())).data,
  // The payment provider looks at a new card; that takes a moment.
  refetchInterval: (query) => (query.state.data?.some(({ status }) => MOVING.has(status)) ? SOON_MS : unlessLive()),
})

export const autoTopUpQuery = queryOptions({
  queryKey: ['payment-methods', 'auto'],
  queryFn: async () => (await answer(getAutoTopUp())).rule,
})
