/** What the pages of rules read from the API. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'

import { answer } from '@/api/client'
import {
  type BacktestView,
  getActiveRulebook,
  getBacktest,
  listBacktests,
  listFields,
  listGuardrails,
  listRiskModels,
  listRulebookVersions,
  listRuleDifferences,
  listRuleListEntries,
  listRuleLists,
} from '@/api/generated'

const WATCHED_MS = 700
const PAGE = 50
const MOST_ENTRIES = 100

export const rulebookQuery = queryOptions({ queryKey: ['rules'], queryFn: () => answer(getActiveRulebook()) })

export const fieldsQuery = queryOptions({
  queryKey: ['rules', 'fields'],
  queryFn: () => answer(listFields()),
  staleTime: Infinity,
})

export const versionsQuery = infiniteQueryOptions({
  queryKey: ['rules', 'versions'],
  queryFn: ({ pageParam }) =>
    answer(listRulebookVersions({ query: { limit: PAGE, ...(pageParam === null ? {} : { before: pageParam }) } })),
  initialPageParam: null as number | null,
  getNextPageParam: (page) => (page.length < PAGE ? null : (page.at(-1)?.version ?? null)),
})

export const guardrailsQuery = queryOptions({ queryKey: ['rules', 'guardrails'], queryFn: () => answer(listGuardrails()) })

export const ruleListsQuery = queryOptions({ queryKey: ['rules', 'lists'], queryFn: () => answer(listRuleLists()) })

export const entriesQuery = (listId: string) =>
  infiniteQueryOptions({
    queryKey: ['rules', 'lists', listId],
    queryFn: ({ pageParam }) =>
      answer(
        listRuleListEntries({
          path: { rule_list_id: listId },
          query: { limit: MOST_ENTRIES, ...(pageParam === null ? {} : { after: pageParam }) },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.length < MOST_ENTRIES ? null : (page.at(-1)?.value ?? null)),
  })

export const differencesQuery = queryOptions({
  queryKey: ['rules', 'differences'],
  queryFn: () => answer(listRuleDifferences()),
})

export const modelsQuery = queryOptions({ queryKey: ['rules', 'models'], queryFn: () => answer(listRiskModels()) })

/** Whether a backtest still changes by itself. */
export function isMoving({ state }: Pick<BacktestView, 'state'>): boolean {
  return state === 'queued' || state === 'running'
}

export const backtestsQuery = infiniteQueryOptions({
  queryKey: ['rules', 'backtests'],
  queryFn: ({ pageParam }) =>
    answer(listBacktests({ query: { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: ({ state }) => (state.data?.pages[0]?.data.some(isMoving) ? WATCHED_MS : false),
})

export const backtestQuery = (id: string) =>
  queryOptions({
    queryKey: ['rules', 'backtests', id],
    queryFn: () => answer(getBacktest({ path: { backtest_id: id } })),
    refetchInterval: ({ state }) => (state.data === undefined || isMoving(state.data) ? WATCHED_MS : false),
  })
