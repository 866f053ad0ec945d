/** The disputes of somebody, as several pages read them. */
import { queryOptions } from '@tanstack/react-query'

import { answer } from './client'
import { getDispute, listDisputes } from './generated'
import { unlessLive } from './liveness'

const SHOWN = 100

export const disputesQuery = queryOptions({
  queryKey: ['disputes'],
  queryFn: async () => (await answer(listDisputes({ query: { limit: SHOWN } }))).data,
  refetchInterval: unlessLive,
})

export const disputeQuery = (disputeId: string) =>
  queryOptions({
    queryKey: ['disputes', disputeId],
    queryFn: () => answer(getDispute({ path: { dispute_id: disputeId } })),
    refetchInterval: unlessLive,
  })
