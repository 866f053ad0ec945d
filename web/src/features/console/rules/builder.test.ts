import { expect, test } from 'vitest'

import type { FieldView } from '@/api/generated'

import { writeRows } from './builder'
import { readRows } from './reader'

const field = (name: string, type: string, is_optional = false): [string, FieldView] => [
  name,
  { name, type, is_optional, vocabulary: null, words: [], sentence: '', unit: null, minimum: null, maximum: null },
]
const FIELDS = new Map([
  field('amount', 'integer'),
  field('merchant.country', 'text'),
  field('merchant.name', 'text'),
  field('merchant.city', 'text', true),
  field('risk.score', 'integer', true),
  field('card.is_new', 'truth'),
])

test.each([
  'amount > 30000',
  'amount > 30000 && merchant.country in ["NG", "US"]',
  'amount <= -5 || !(merchant.country in ["NG"])',
  'merchant.country in lists.blocked && !(merchant.country in lists.fine)',
  'merchant.name.contains("GAS") && merchant.name.startsWith("A") && merchant.name.endsWith("z")',
  'card.is_new && !card.is_new',
  'has(risk.score) && risk.score > 80 && risk.score < 90',
  'has(merchant.city) && merchant.city == "Paris" && amount > 5',
  '!has(risk.score) || amount > 5',
])('%s is read as rows and written back to the letter', (source) => {
  const rows = readRows(source, FIELDS)
  expect(rows).not.toBeNull()
  expect(writeRows(rows ?? { joint: '&&', rows: [] }, FIELDS)).toBe(source)
})

test.each([
  'amount > 5 && (amount < 3 || card.is_new)',
  'amount + 5 > 7',
  'amount > 5 && amount < 3 || card.is_new',
  '!(amount > 5)',
  'merchant.name.matches("a.*")',
  'has(risk.score) || risk.score > 80',
  'nothing.known > 5',
  'amount >',
  'merchant.name == "a\\n"',
  '// why\namount > 5',
])('%s says more than rows can', (source) => {
  expect(readRows(source, FIELDS)).toBeNull()
})

test('nothing is no rows, and brackets that change nothing are read', () => {
  expect(readRows('  ', FIELDS)).toEqual({ joint: '&&', rows: [] })
  expect(readRows('(amount > 5) && (card.is_new)', FIELDS)?.rows).toHaveLength(2)
})
