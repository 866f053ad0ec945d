import { expect, test } from 'vitest'

import { explained, told } from './told'

test('instants within a text become words', () => {
  const text = told('Waiting until 2026-12-01T00:00:00-05:00, then again.', 'en-US')
  expect(text).toMatch(/^Waiting until (?:Nov 30|Dec 1), \d{2}:\d{2} [AP]M, then again\.$/)
})

test('amounts within a text are written as the reader does', () => {
  expect(told('349.00 USD exceeds the limit of 1250.00 USD.', 'en-US')).toBe('$349.00 exceeds the limit of $1,250.00.')
  expect(told('500 JPY', 'de-DE')).toBe('500\u00A0¥')
  expect(told('Rule 12 IS live, 5 CARDS', 'en-US')).toBe('Rule 12 IS live, 5 CARDS')
})

test('reasons are told in their own language as a whole', () => {
  expect(explained('At most 161.82 USD.')).toBe('At most $161.82.')
})
