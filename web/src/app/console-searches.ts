/** What may stand behind the ? of an address of the console; whatever else does is left out. */
import type { ApprovalState, CaseState, CauseInput, DisputeState, Priority, ReviewState } from '@/api/generated'

type Given = Record<string, unknown>

function one<T extends string>(value: unknown, known: readonly T[]): T | undefined {
  return known.find((each) => each === value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

/** What is undefined is not written into the address. */
function given<T extends object>(search: T): { [K in keyof T]?: Exclude<T[K], undefined> | undefined } {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T
}

const yes = (value: unknown): true | undefined => (value === true ? true : undefined)

const MOST_HOURS = 168

export const overviewSearch = ({ hours }: Given): { hours?: number } =>
  typeof hours === 'number' && Number.isInteger(hours) && hours >= 1 && hours <= MOST_HOURS ? { hours } : {}

export const customersSearch = (search: Given) => given({ text: text(search['text']) })

export const reviewsSearch = (search: Given) =>
  given({
    state: one<ReviewState>(search['state'], ['open', 'in_review', 'waiting', 'resolved']),
    cause: one<CauseInput>(search['cause'], ['vendor_review', 'manual', 'screening', 'contradiction', 'reverification', 'staff']),
    mine: yes(search['mine']),
    late: yes(search['late']),
  })

export const casesSearch = (search: Given) =>
  given({
    state: one<CaseState>(search['state'], ['open', 'in_review', 'resolved']),
    priority: one<Priority>(search['priority'], ['high', 'normal', 'low']),
    mine: yes(search['mine']),
    late: yes(search['late']),
    open: text(search['open']),
  })

export const approvalsSearch = (search: Given) =>
  given({
    state: one<ApprovalState>(search['state'], ['proposed', 'approved', 'applied', 'rejected', 'withdrawn', 'expired']),
    open: text(search['open']),
  })

export const disputesSearch = (search: Given) =>
  given({
    state: one<DisputeState>(search['state'], ['draft', 'submitted', 'won', 'lost', 'withdrawn', 'expired']),
    open: text(search['open']),
  })
