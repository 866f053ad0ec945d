/** What may stand behind the ? of an address; whatever else does is left out. */
import type { PaymentStatus } from '@/api/generated'

export interface SignInSearch {
  next?: string
  return_to?: string
}

/**
 * Only addresses of this app: whoever makes a link may not choose where people land after they signed in.
 *
 * `return_to` is a request of another application at our authorization endpoint, which knows who may be sent where.
 */
export const signInSearch = ({ next, return_to }: Record<string, unknown>): SignInSearch => ({
  ...(typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : {}),
  ...(typeof return_to === 'string' && return_to.startsWith('/oauth/authorize?') ? { return_to } : {}),
})

const STATUSES: ReadonlySet<unknown> = new Set<PaymentStatus>(['declined', 'pending', 'settled', 'voided', 'expired'])

export interface ActivitySearch {
  text?: string | undefined
  status?: PaymentStatus | undefined
  card?: string | undefined
}

/** What stands in the address and is no filter of ours is left out. */
export const activitySearch = ({ text, status, card }: Record<string, unknown>): ActivitySearch => ({
  ...(text === undefined ? {} : { text: String(text) }),
  ...(STATUSES.has(status) ? { status: status as PaymentStatus } : {}),
  ...(typeof card === 'string' ? { card } : {}),
})

/** Which rule is open; none for a new one. */
export const ruleSearch = ({ rule }: Record<string, unknown>): { rule?: string } => (typeof rule === 'string' ? { rule } : {})

const PAYMENT_FILTERS = ['text', 'category', 'user_id', 'card_id', 'merchant_id', 'opened_from', 'opened_before', 'amount_min', 'amount_max'] as const

export type ExplorerSearch = { status?: PaymentStatus } & { [K in (typeof PAYMENT_FILTERS)[number]]?: string }

export const explorerSearch = (search: Record<string, unknown>): ExplorerSearch => ({
  ...Object.fromEntries(PAYMENT_FILTERS.flatMap((name) => (search[name] === undefined ? [] : [[name, String(search[name])]]))),
  ...(STATUSES.has(search['status']) ? { status: search['status'] as PaymentStatus } : {}),
})

/** Filters that are texts, by their names. */
export const textSearch =
  <Name extends string>(...names: readonly Name[]) =>
  (search: Record<string, unknown>): { [K in Name]?: string } =>
    Object.fromEntries(names.flatMap((name) => (search[name] === undefined ? [] : [[name, String(search[name])]]))) as { [K in Name]?: string }
export const monthSearch = ({ month }: Record<string, unknown>): { month?: string | undefined } =>
  typeof month === 'string' && /^20\d\d-(?:0[1-9]|1[0-2])$/.test(month) ? { month } : {}

export const idSearch = ({ id }: Record<string, unknown>): { id?: string } => (typeof id === 'string' ? { id } : {})
