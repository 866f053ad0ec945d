/** What waits for the word of somebody: purchases that a shop asks about, and payments that we ask about. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import { answer } from '@/api/client'
import {
  answerPaymentQuestion,
  approveChallenge,
  type ChallengeOutput,
  listApproverInvitations,
  listChallenges,
  listPaymentQuestions,
  type QuestionView,
  refuseChallenge,
} from '@/api/generated'
import { once } from '@/api/intents'
import { unlessLive } from '@/api/liveness'
import { useStepUp } from '@/components/step-up'

const SHOWN = 50

export const challengesQuery = queryOptions({
  queryKey: ['challenges'],
  queryFn: async () => (await answer(listChallenges({ query: { limit: SHOWN } }))).data,
  refetchInterval: unlessLive,
})

export const questionsQuery = queryOptions({
  queryKey: ['questions'],
  queryFn: async () => (await answer(listPaymentQuestions({ query: { limit: SHOWN } }))).data,
  refetchInterval: unlessLive,
})

export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: async () => (await answer(listApproverInvitations())).data,
})

/** What is told afterwards: by the hook, as whatever asked is gone as soon as it is answered. */
interface Told<T> {
  succeeded: (said: T) => void
  failed: (error: unknown) => void
}

export type ChallengeAnswer = 'approve' | 'refuse' | 'report'

/** Answer a purchase that waits; approving asks for a strong factor. */
export function useAnswerChallenge(challenge: ChallengeOutput, told: Told<ChallengeAnswer>) {
  const client = useQueryClient()
  const guarded = useStepUp()
  const path = { challenge_id: challenge.id }
  return useMutation({
    mutationFn: (said: ChallengeAnswer) =>
      said === 'approve'
        ? guarded(() => answer(approveChallenge({ path, headers: once() })))
        : answer(refuseChallenge({ path, body: { report_fraud: said === 'report' }, headers: once() })),
    onSuccess: (changed, said) => {
      client.setQueryData(challengesQuery.queryKey, (before) =>
        before?.map((known) => (known.id === changed.id ? changed : known)),
      )
      told.succeeded(said)
    },
    onError: told.failed,
    onSettled: () => client.invalidateQueries({ queryKey: challengesQuery.queryKey }),
  })
}

/** Say whether a payment was one's own. */
export function useAnswerQuestion(question: QuestionView, told: Told<'yes' | 'no'>) {
  const client = useQueryClient()
  const guarded = useStepUp()
  return useMutation({
    mutationFn: (said: 'yes' | 'no') =>
      guarded(() =>
        answer(
          answerPaymentQuestion({ path: { question_id: question.id }, body: { answer: said }, headers: once() }),
        ),
      ),
    onSuccess: (changed, said) => {
      client.setQueryData(questionsQuery.queryKey, (before) =>
        before?.map((known) => (known.id === changed.id ? changed : known)),
      )
      told.succeeded(said)
    },
    onError: told.failed,
    onSettled: () => {
      void client.invalidateQueries({ queryKey: questionsQuery.queryKey })
      void client.invalidateQueries({ queryKey: ['cards'] })
    },
  })
}
