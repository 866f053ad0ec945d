/** Merchants that are let through a card's own lock and controls for a while. */
import { queryOptions } from '@tanstack/react-query'

import { answer } from './client'
import { allowMerchant, type ExceptionView, listExceptions } from './generated'
import { once } from './intents'
import { unlessLive } from './liveness'

export const ALLOWED_MINUTES = 15

export const exceptionsQuery = (cardId: string) =>
  queryOptions({
    queryKey: ['cards', cardId, 'exceptions'],
    queryFn: () => answer(listExceptions({ path: { card_id: cardId } })),
    refetchInterval: unlessLive,
  })

export function allowForNow(cardId: string, merchantId: string): Promise<ExceptionView> {
  return answer(
    allowMerchant({
      path: { card_id: cardId },
      body: { merchant_id: merchantId, minutes: ALLOWED_MINUTES },
      headers: once(),
    }),
  )
}
