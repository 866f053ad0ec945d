import { expect, test } from 'vitest'

import { brandName, merchantName, placeName } from './words'

test('what statements shout is written as people do, and what is written stays', () => {
  expect(merchantName('PINE STREET BOOKS')).toBe('Pine Street Books')
  expect(merchantName('CAFÉ ÉTOILE-SUD')).toBe('Café Étoile-Sud')
  expect(merchantName('iTunes')).toBe('iTunes')
})

test('vendors are called as they call themselves; unknown ones readably', () => {
  expect([brandName('sendgrid'), brandName('new_vendor')]).toEqual(['SendGrid', 'New vendor'])
})

test('a place names its country in words, and leaves out what is not known', () => {
  expect(placeName('Austin', 'US', 'en')).toBe('Austin, United States')
  expect(placeName(null, 'PT', 'de')).toBe('Portugal')
  expect(placeName('Austin', '', 'en')).toBe('Austin')
})
