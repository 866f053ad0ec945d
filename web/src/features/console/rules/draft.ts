/** What somebody changed of the rules and has not proposed yet: kept in this tab, over reloads, by rule. */
import { useMemo, useSyncExternalStore } from 'react'

import type { RuleBody, ScoringBody } from '@/api/generated'

const KEPT_AS = 'cardwright-rules-draft'

/** A rule before and after; null where there is none. */
export interface Change {
  before: RuleBody | null
  after: RuleBody | null
}

export interface Draft {
  changes: Record<string, Change>
  scoring: ScoringBody | null
}

export const NOTHING: Draft = { changes: {}, scoring: null }
let kept = read()
const listeners = new Set<() => void>()

function read(): Draft {
  try {
    return { ...NOTHING, ...(JSON.parse(sessionStorage.getItem(KEPT_AS) ?? '{}') as Partial<Draft>) }
  } catch {
    return NOTHING
  }
}

function keep(draft: Draft): void {
  kept = draft
  sessionStorage.setItem(KEPT_AS, JSON.stringify(draft))
  for (const tell of listeners) {
    tell()
  }
}

function listen(tell: () => void): () => void {
  listeners.add(tell)
  return () => listeners.delete(tell)
}

export function useDraft(): Draft {
  return useSyncExternalStore(listen, () => kept)
}

/** Put a rule into the draft, or take it out of the rules; what comes back to what it was is no change. */
export function change(name: string, before: RuleBody | null, after: RuleBody | null): void {
  const { [name]: known, ...others } = kept.changes
  const first = known ? known.before : before
  keep({ ...kept, changes: isSame(first, after) ? others : { ...others, [name]: { before: first, after } } })
}

export function undo(name: string): void {
  const { [name]: _, ...others } = kept.changes
  keep({ ...kept, changes: others })
}

export function changeScoring(scoring: ScoringBody | null): void {
  keep({ ...kept, scoring })
}

/** Forget the draft and return it, for whoever wants it back. */
export function discard(): Draft {
  const before = kept
  keep(NOTHING)
  return before
}

export function restore(draft: Draft): void {
  keep(draft)
}

export function isEmpty({ changes, scoring }: Draft): boolean {
  return scoring === null && Object.keys(changes).length === 0
}

/** The rules as they would be: those that decide, with the changes; new ones come last. */
export function applied(active: readonly RuleBody[], { changes }: Draft): RuleBody[] {
  const known = new Set(active.map(({ name }) => name))
  const still = active.map((rule) => (changes[rule.name] ? changes[rule.name]?.after : rule))
  const added = Object.entries(changes).filter(([name, { after }]) => after && !known.has(name))
  return [...still, ...added.map(([, { after }]) => after)].filter((rule) => rule !== null && rule !== undefined)
}

/** The names of rules that somebody else changed since they were changed here. */
export function overtaken(active: readonly RuleBody[], { changes }: Draft): string[] {
  const now = new Map(active.map((rule) => [rule.name, rule]))
  return Object.entries(changes)
    .filter(([name, { before }]) => !isSame(before, now.get(name) ?? null))
    .map(([name]) => name)
}

export function useApplied(active: readonly RuleBody[] | undefined): RuleBody[] {
  const draft = useDraft()
  return useMemo(() => applied(active ?? [], draft), [active, draft])
}

const PARTS = ['name', 'when', 'action', 'reason', 'stage', 'sample_percent', 'points'] as const

export function isSame(one: RuleBody | null, other: RuleBody | null): boolean {
  return one === null || other === null ? one === other : PARTS.every((part) => (one[part] ?? null) === (other[part] ?? null))
}
