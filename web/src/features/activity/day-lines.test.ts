import { expect, test } from 'vitest'

import type { PaymentView } from '@/api/generated'

import { rememberedLines } from './day-lines'

const NOW = new Date('2026-11-20T12:00:00')

const paid = (id: string, opened_at: string) => ({ id, opened_at }) as PaymentView

const told = (lines: ReturnType<ReturnType<typeof rememberedLines>>) =>
  lines.map((line) => ('day' in line ? line.day : line.payment.id))

test('a day that goes on over the end of a page is named once', () => {
  const first = [paid('d', '2026-11-20T11:00:00'), paid('c', '2026-11-19T18:00:00')]
  const second = [paid('b', '2026-11-19T09:00:00'), paid('a', '2026-10-02T09:00:00')]
  const linesOf = rememberedLines()
  expect(told(linesOf([first], 'en-US', NOW))).toEqual(['Today', 'd', 'Yesterday', 'c'])
  expect(told(linesOf([first, second], 'en-US', NOW))).toEqual(['Today', 'd', 'Yesterday', 'c', 'b', 'October 2', 'a'])
  expect(told(linesOf([first, [], second], 'en-US', NOW))).toHaveLength(7)
})

test('the same day of two years is two days', () => {
  const years = [[paid('b', '2026-10-02T09:00:00')], [paid('a', '2025-10-02T09:00:00')]]
  expect(told(rememberedLines()(years, 'en-US', NOW))).toHaveLength(4)
})

test('what was remembered is told anew on another day and in another language', () => {
  const page = [paid('a', '2026-11-20T11:00:00')]
  const linesOf = rememberedLines()
  expect(told(linesOf([page], 'en-US', NOW))[0]).toBe('Today')
  expect(told(linesOf([page], 'de-DE', NOW))[0]).toBe('Heute')
  expect(told(linesOf([page], 'en-US', new Date('2026-11-21T12:00:00')))[0]).toBe('Yesterday')
})
