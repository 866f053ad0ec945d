/** What may stand behind the ? of an address; whatever else does is left out. */
import type { PaymentStatus } from '@/api/generated'

/** Only addresses of this app: whoever makes a link may not choose where people land after they signed in. */
export const signInSearch = ({ next }: Record<string, unknown>): { next?: string } =>
  typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : {}

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
