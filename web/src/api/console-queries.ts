/** What pages of staff read from the API. Lists come in cursor pages. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'

import { answer } from './client'
import {
  type ApprovalState,
  type CaseState,
  type CauseInput,
  countCases,
  countIdentityReviews,
  type DisputeState,
  getApproval,
  getCaseEvidence,
  getCase,
  getDispute,
  getIdentityReview,
  getOverview,
  getTrialBalance,
  getUser,
  getWalletOfUser,
  listApprovals,
  listAuditEntries,
  listCardsOfUser,
  listCases,
  listDisputeQueue,
  listIdentityReviews,
  listIdentityVerificationsOfUser,
  listPayments,
  listStaff,
  listUserNotifications,
  listUsers,
  listUserSessions,
  type Priority,
  type ReviewState,
} from './generated'

const PAGE = 50
const FEW = 10
const QUEUE_MS = 10_000
const FIGURES_MS = 5_000
const TEAM_MS = 300_000

/** What a filter leaves out is left out of the request. */
function given<T extends object>(filters: T): T {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as T
}

const paged = { initialPageParam: null as string | null, getNextPageParam: (page: { next_cursor: string | null }) => page.next_cursor }
const at = (cursor: string | null) => (cursor === null ? {} : { cursor })

export const overviewQuery = (hours: number) =>
  queryOptions({
    queryKey: ['overview', hours],
    queryFn: () => answer(getOverview({ query: { hours } })),
    refetchInterval: FIGURES_MS,
  })

/** Debits and credits of every account, now or as they stood at an instant. */
export const trialBalanceQuery = (instant: string | null) =>
  queryOptions({
    queryKey: ['ledger', 'trial-balance', instant],
    queryFn: () => answer(getTrialBalance({ query: instant === null ? {} : { at: instant } })),
  })

/** Each look at the team is recorded, and the team seldom changes. */
export const staffQuery = queryOptions({ queryKey: ['staff'], queryFn: () => answer(listStaff()), staleTime: TEAM_MS })

export const peopleQuery = (text: string | undefined) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['people', text ?? null],
    queryFn: ({ pageParam }) => answer(listUsers({ query: { limit: PAGE, ...at(pageParam), ...given({ text }) } })),
  })

export const personQuery = (userId: string) =>
  queryOptions({ queryKey: ['person', userId], queryFn: () => answer(getUser({ path: { user_id: userId } })) })

const of = (userId: string) => ({ path: { user_id: userId } })

export const personWalletQuery = (userId: string) =>
  queryOptions({ queryKey: ['person', userId, 'wallet'], queryFn: () => answer(getWalletOfUser(of(userId))) })

export const personCardsQuery = (userId: string) =>
  queryOptions({
    queryKey: ['person', userId, 'cards'],
    queryFn: async () => (await answer(listCardsOfUser({ ...of(userId), query: { limit: 100 } }))).data,
  })

export const personSessionsQuery = (userId: string) =>
  queryOptions({
    queryKey: ['person', userId, 'sessions'],
    queryFn: async () => (await answer(listUserSessions({ ...of(userId), query: { limit: PAGE } }))).data,
  })

export const personVerificationsQuery = (userId: string) =>
  queryOptions({
    queryKey: ['person', userId, 'verifications'],
    queryFn: async () => (await answer(listIdentityVerificationsOfUser({ ...of(userId), query: { limit: FEW } }))).data,
  })

export const personMessagesQuery = (userId: string) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['person', userId, 'messages'],
    queryFn: ({ pageParam }) => answer(listUserNotifications({ ...of(userId), query: { limit: FEW, ...at(pageParam) } })),
  })

export const personPaymentsQuery = (userId: string) =>
  queryOptions({
    queryKey: ['person', userId, 'payments'],
    queryFn: async () => (await answer(listPayments({ query: { everyone: true, user_id: userId, limit: FEW } }))).data,
  })

export const personTrailQuery = (userId: string) =>
  queryOptions({
    queryKey: ['person', userId, 'trail'],
    queryFn: async () => (await answer(listAuditEntries({ query: { subject_id: userId, limit: FEW } }))).data,
  })

export const personDisputesQuery = (userId: string) =>
  queryOptions({
    queryKey: ['person', userId, 'disputes'],
    queryFn: async () => (await answer(listDisputeQueue({ query: { user_id: userId, limit: FEW } }))).data,
  })

export const personCasesQuery = (userId: string, state: CaseState | undefined) =>
  queryOptions({
    queryKey: ['person', userId, 'cases', state ?? null],
    queryFn: async () => (await answer(listCases({ query: { user_id: userId, limit: FEW, ...given({ state }) } }))).data,
  })

export interface ReviewFilters {
  state?: ReviewState | undefined
  cause?: CauseInput | undefined
  assignee_id?: string | undefined
  overdue?: boolean | undefined
}

export const reviewsQuery = (filters: ReviewFilters) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['reviews', filters],
    queryFn: ({ pageParam }) => answer(listIdentityReviews({ query: { limit: PAGE, ...at(pageParam), ...given(filters) } })),
    refetchInterval: QUEUE_MS,
  })

export const reviewCountsQuery = queryOptions({
  queryKey: ['reviews', 'counts'],
  queryFn: () => answer(countIdentityReviews()),
  refetchInterval: QUEUE_MS,
})

export const reviewQuery = (reviewId: string) =>
  queryOptions({ queryKey: ['review', reviewId], queryFn: () => answer(getIdentityReview({ path: { review_id: reviewId } })) })

export interface CaseFilters {
  state?: CaseState | undefined
  priority?: Priority | undefined
  assignee_id?: string | undefined
  overdue?: boolean | undefined
}

export const casesQuery = (filters: CaseFilters) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['cases', filters],
    queryFn: ({ pageParam }) => answer(listCases({ query: { limit: PAGE, ...at(pageParam), ...given(filters) } })),
    refetchInterval: QUEUE_MS,
  })

export const caseCountsQuery = queryOptions({
  queryKey: ['cases', 'counts'],
  queryFn: () => answer(countCases()),
  refetchInterval: QUEUE_MS,
})

export const caseQuery = (caseId: string) =>
  queryOptions({ queryKey: ['case', caseId], queryFn: () => answer(getCase({ path: { case_id: caseId } })) })

export const evidenceQuery = (caseId: string) =>
  queryOptions({ queryKey: ['case', caseId, 'evidence'], queryFn: () => answer(getCaseEvidence({ path: { case_id: caseId } })) })

export const approvalsQuery = (state: ApprovalState | undefined) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['approvals', state ?? null],
    queryFn: ({ pageParam }) => answer(listApprovals({ query: { limit: PAGE, ...at(pageParam), ...given({ state }) } })),
    refetchInterval: QUEUE_MS,
  })

export const approvalQuery = (approvalId: string) =>
  queryOptions({ queryKey: ['approval', approvalId], queryFn: () => answer(getApproval({ path: { approval_id: approvalId } })) })

export const disputesQuery = (state: DisputeState | undefined) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['disputes', state ?? null],
    queryFn: ({ pageParam }) => answer(listDisputeQueue({ query: { limit: PAGE, ...at(pageParam), ...given({ state }) } })),
    refetchInterval: QUEUE_MS,
  })

export const disputeQuery = (disputeId: string) =>
  queryOptions({ queryKey: ['dispute', disputeId], queryFn: () => answer(getDispute({ path: { dispute_id: disputeId } })) })
