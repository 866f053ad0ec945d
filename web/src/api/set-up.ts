/** What somebody needs before the first payment, and what of it is there: told by the API alone, so that any device goes on. */
import { useQuery } from '@tanstack/react-query'

import { canUsePasskeys } from '@/lib/passkeys'

import { cardsQuery, factorsQuery, identityQuery, meQuery, walletQuery } from './queries'

export type Step = 'passkey' | 'identity' | 'money' | 'card'

export interface SetUp {
  steps: readonly { step: Step; isDone: boolean; isReachable: boolean }[]
  /** Where to go on; null once nothing is missing. */
  next: Step | null
}

const VERIFIED = 2

/** Undefined until all of it is known. A passkey is offered, never needed. */
export function useSetUp(): SetUp | undefined {
  const me = useQuery(meQuery).data
  const identity = useQuery(identityQuery).data
  const wallet = useQuery(walletQuery).data
  const cards = useQuery(cardsQuery).data
  const isPayer = cards !== undefined && cards.length > 0
  const factors = useQuery({ ...factorsQuery, enabled: cards !== undefined && !isPayer && canUsePasskeys() }).data
  if (!me || !identity || !wallet || !cards) {
    return undefined
  }
  const isKnown = identity.level >= VERIFIED
  const hasMoney = wallet.posted_balance > 0 || isPayer
  const needed = [
    { step: 'identity', isDone: isKnown, isReachable: true },
    { step: 'money', isDone: hasMoney, isReachable: isKnown || hasMoney },
    { step: 'card', isDone: isPayer, isReachable: isKnown },
  ] as const
  const missing = needed.find(({ isDone }) => !isDone)?.step ?? null
  if (!factors) {
    // Whoever has a card is not asked about passkeys, and some browsers make none.
    return isPayer || !canUsePasskeys() ? { steps: needed, next: missing } : undefined
  }
  const hasPasskey = factors.passkeys.length > 0
  // Whoever has gone on without one is not asked again.
  const hasBegun = me.profile !== null || identity.status !== 'not_started'
  return {
    steps: [{ step: 'passkey', isDone: hasPasskey, isReachable: true }, ...needed],
    next: hasPasskey || hasBegun ? missing : 'passkey',
  }
}
