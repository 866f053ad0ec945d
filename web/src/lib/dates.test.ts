import { expect, test } from 'vitest'

import { formatRelativeDay, withMoments } from './dates'

const now = new Date(2026, 10, 29, 12)

test.each([
  [new Date(2026, 10, 29, 0, 5), 'Today'],
  [new Date(2026, 10, 28, 23, 55), 'Yesterday'],
  [new Date(2026, 10, 25, 9), 'Wednesday'],
  [new Date(2026, 9, 1, 9), 'October 1'],
])('%s is %s', (instant, said) => {
  expect(formatRelativeDay(instant.toISOString(), 'en-US', now)).toBe(said)
})

test('instants within a text become words', () => {
  const text = withMoments('Waiting until 2026-12-01T00:00:00-05:00, then again.', 'en-US')
  expect(text).toMatch(/^Waiting until (?:Nov 30|Dec 1), \d{2}:\d{2} [AP]M, then again\.$/)
})
