import { expect, test } from 'vitest'

import type { RuleBody } from '@/api/generated'

import { applied, change, discard, isEmpty, NOTHING, overtaken, undo } from './draft'

const rule = (name: string, when = 'amount > 5'): RuleBody => ({ name, when, action: 'flag', reason: 'Because.', stage: 'live' })
const kept = () => ({ ...NOTHING, ...(JSON.parse(sessionStorage.getItem('cardwright-rules-draft') ?? '{}') as object) })

test('a draft is laid over the rules that decide: changed, taken out, added', () => {
  const changes = {
    a: { before: rule('a'), after: rule('a', 'amount > 9') },
    b: { before: rule('b'), after: null },
    d: { before: null, after: rule('d') },
  }
  const found = applied([rule('a'), rule('b'), rule('c')], { changes, scoring: null })
  expect(found.map(({ name, when }) => `${name}: ${when}`)).toEqual(['a: amount > 9', 'c: amount > 5', 'd: amount > 5'])
})

test('what comes back to what it was is no change, and a discarded draft is gone', () => {
  change('a', rule('a'), rule('a', 'amount > 9'))
  change('a', rule('a', 'amount > 9'), rule('a'))
  expect(isEmpty(kept())).toBe(true)
  change('b', null, rule('b'))
  undo('b')
  expect(isEmpty(kept())).toBe(true)
  change('c', null, rule('c'))
  expect(Object.keys(discard().changes)).toEqual(['c'])
  expect(isEmpty(kept())).toBe(true)
})

test('a rule that somebody else changed meanwhile is told', () => {
  const changes = { a: { before: rule('a'), after: null }, b: { before: rule('b'), after: null } }
  expect(overtaken([rule('a'), rule('b', 'amount > 7')], { changes, scoring: null })).toEqual(['b'])
})
