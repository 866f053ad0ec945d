import { expect, test } from 'vitest'

import { monthsSince, thisMonth } from './months'

const NOW = new Date(2027, 1, 3)

test('months go back over the turn of a year', () => {
  expect(monthsSince('2026-11-29T10:00:00Z', NOW)).toEqual(['2027-02', '2027-01', '2026-12', '2026-11'])
})

test('there is always the present month, and never more than three years', () => {
  expect(monthsSince('2027-05-01T10:00:00Z', NOW)).toEqual(['2027-02'])
  expect(monthsSince('2001-05-01T10:00:00Z', NOW)).toHaveLength(36)
  expect(thisMonth(NOW)).toBe('2027-02')
})
