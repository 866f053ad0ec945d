import { expect, test } from 'vitest'

import { guilloche } from './guilloche'

test('a card keeps its lines, and no two cards share theirs', () => {
  expect(guilloche('card_a', 0)).toBe(guilloche('card_a', 0))
  const many = Array.from({ length: 200 }, (_, place) => guilloche(`card_${place}`, 0))
  expect(new Set(many).size).toBe(many.length)
})

test('the lines stay on the card', () => {
  const numbers = guilloche('card_b', 1).match(/-?\d+\.\d/g)?.map(Number) ?? []
  expect(Math.max(...numbers.map(Math.abs))).toBeLessThanOrEqual(100)
})
