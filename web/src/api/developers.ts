/** What developers work with: endpoints that events are posted to, what was posted, the stream, and keys. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'

import { answer } from './client'
import { eventsSince } from './events'
import {
  type DeliveryState,
  listApiKeys,
  listEventTypes,
  listWebhookDeliveries,
  listWebhookEndpoints,
} from './generated'

const SHOWN = 50
const SOON_MS = 1_500
const LATER_MS = 5_000

export const endpointsQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: async () => (await answer(listWebhookEndpoints({ query: { limit: SHOWN } }))).data,
})

export const deliveriesQuery = (endpointId: string, state: DeliveryState | null) =>
  infiniteQueryOptions({
    queryKey: ['webhooks', endpointId, 'deliveries', state],
    queryFn: ({ pageParam }) =>
      answer(
        listWebhookDeliveries({
          path: { webhook_endpoint_id: endpointId },
          query: { limit: SHOWN, ...(state ? { state } : {}), ...(pageParam === null ? {} : { cursor: pageParam }) },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: (query) =>
      query.state.data?.pages.some(({ data }) => data.some((one) => one.state === 'pending')) ? SOON_MS : LATER_MS,
  })

export const eventTypesQuery = queryOptions({
  queryKey: ['event-types'],
  queryFn: async () => (await answer(listEventTypes())).data,
  staleTime: Infinity,
})

/** What happened since a day, the newest first. */
export const eventsQuery = (since: string, type: string | null) =>
  queryOptions({
    queryKey: ['events', since, type],
    queryFn: () => eventsSince(since, type === null ? [] : [type]),
    refetchInterval: LATER_MS,
  })

export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: async () => (await answer(listApiKeys({ query: { limit: SHOWN } }))).data,
})
