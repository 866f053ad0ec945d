import { expect, test } from 'vitest'

import { toApiError } from './problems'

test('a problem document keeps its code and its details', () => {
  const problem = { type: 'urn:x', title: 'T', status: 401, detail: 'D', code: 'step_up_required', request_id: 'r', methods: ['totp'] }
  const error = toApiError(problem, new Response(null, { status: 401 }))
  expect([error.code, error.status, error.problem['methods']]).toEqual(['step_up_required', 401, ['totp']])
})

test('an answer that nobody expected is told as one, with what identifies it', () => {
  const error = toApiError('<html>', new Response(null, { status: 502, headers: { 'x-request-id': 'req_1' } }))
  expect([error.code, error.status, error.problem.request_id]).toEqual(['unexpected', 502, 'req_1'])
})

test('no answer at all is an unreachable server', () => {
  expect(toApiError(new TypeError('failed'), undefined).code).toBe('unreachable')
})
