import { MutationObserver, QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'

import { rereadAfterChanges } from './reread'

const KEY = ['exceptions']

/** One list whose answers come when they are let, as they were when they were asked for. */
function slowList(mutationCache?: ReturnType<typeof rereadAfterChanges>) {
  let kept = ['one', 'two']
  const waiting: (() => void)[] = []
  const client = new QueryClient(mutationCache ? { mutationCache } : {})
  const observer = new QueryObserver(client, {
    queryKey: KEY,
    queryFn: async () => {
      const asOfNow = kept
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
      })
      return asOfNow
    },
  })
  const letAnswers = () =>
    vi.waitFor(() => {
      for (const answerNow of waiting.splice(0)) {
        answerNow()
      }
      expect(client.isFetching()).toBe(0)
    })
  const remove = () =>
    new MutationObserver(client, {
      mutationFn: () => {
        kept = ['two']
        return Promise.resolve()
      },
      onSuccess: () => client.setQueryData<string[]>(KEY, (before) => before?.filter((one) => one !== 'one')),
    }).mutate()
  observer.subscribe(() => undefined)
  return { client, observer, letAnswers, remove }
}

test('an answer that was asked for before a change does not undo what the change has shown', async () => {
  const { client, observer, letAnswers, remove } = slowList(rereadAfterChanges())
  await letAnswers()
  void client.invalidateQueries({ queryKey: KEY })
  await remove()
  await letAnswers()
  expect(observer.getCurrentResult().data).toEqual(['two'])
})

test('what nobody was reading is not asked for by a change', async () => {
  const { client, letAnswers, remove } = slowList(rereadAfterChanges())
  await letAnswers()
  await remove()
  expect(client.isFetching()).toBe(0)
})

test('without it, the old answer would stay', async () => {
  const { client, observer, letAnswers, remove } = slowList()
  await letAnswers()
  void client.invalidateQueries({ queryKey: KEY })
  await remove()
  await letAnswers()
  expect(observer.getCurrentResult().data).toEqual(['one', 'two'])
})
