import { expect, test } from 'vitest'

import { formatDate, formatDistance, formatMonth, formatRelativeDay } from './dates'

const now = new Date(2026, 10, 29, 12)

test.each([
  [new Date(2026, 10, 29, 0, 5), 'Today'],
  [new Date(2026, 10, 28, 23, 55), 'Yesterday'],
  [new Date(2026, 10, 25, 9), 'Wednesday'],
  [new Date(2026, 9, 1, 9), 'October 1'],
])('%s is %s', (instant, said) => {
  expect(formatRelativeDay(instant.toISOString(), 'en-US', now)).toBe(said)
})

test('a distance is told in the largest unit that fits', () => {
  const noon = new Date('2026-03-10T12:00:00Z')
  expect(formatDistance('2026-03-10T15:10:00Z', 'en-US', noon)).toBe('in 3 hr.')
  expect(formatDistance('2026-03-08T11:00:00Z', 'en-US', noon)).toBe('2 days ago')
  expect(formatDistance('2026-03-10T12:00:20Z', 'en-US', noon)).toBe('this minute')
})

test('days and months of a calendar are told in the language of the reader, wherever that is', () => {
  expect(formatDate('2026-11-01', 'en-US')).toBe('Nov 1, 2026')
  expect(formatMonth('2026-11', 'de-DE')).toBe('November 2026')
})
