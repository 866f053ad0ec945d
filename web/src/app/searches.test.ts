import { expect, test } from 'vitest'

import { activitySearch, signInSearch } from './searches'

test.each(['/activity', '/cards/card_1'])('after signing in one goes on to %s', (next) => {
  expect(signInSearch({ next })).toEqual({ next })
})

test.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '', 7, undefined])(
  'nobody is led to %s by a link',
  (next) => {
    expect(signInSearch({ next })).toEqual({})
  },
)

test('an application that waits gets its answer, and no other address does', () => {
  const return_to = '/oauth/authorize?client_id=client_mobile'
  expect(signInSearch({ return_to })).toEqual({ return_to })
  expect(signInSearch({ return_to: '/oauth/authorize.evil.example' })).toEqual({})
  expect(signInSearch({ return_to: 'https://evil.example/oauth/authorize?' })).toEqual({})
})

test('filters that are none of ours are left out', () => {
  expect(activitySearch({ text: 12, status: 'stolen', card: ['a'], more: 'x' })).toEqual({ text: '12' })
  expect(activitySearch({ status: 'declined', card: 'card_1' })).toEqual({ status: 'declined', card: 'card_1' })
})
