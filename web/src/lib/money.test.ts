import { describe, expect, test } from 'vitest'

import { exponentOf, formatMoney, parseMoney, toDecimal } from './money'

describe('minor units', () => {
  test.each([
    [0, 'USD', '0.00'],
    [5, 'USD', '0.05'],
    [-1234, 'EUR', '-12.34'],
    [1234, 'JPY', '1234'],
    [1234, 'KWD', '1.234'],
    [-7, 'KWD', '-0.007'],
    [Number.MAX_SAFE_INTEGER, 'USD', '90071992547409.91'],
  ])('%i %s is written %s, digit for digit', (amount, currency, written) => {
    expect(toDecimal(amount, currency)).toBe(written)
  })

  test('a fraction of a minor unit is no amount', () => {
    expect(() => toDecimal(1.5, 'USD')).toThrow(RangeError)
  })

  test('currencies have the digits that ISO 4217 gives them', () => {
    expect(['USD', 'JPY', 'KWD'].map(exponentOf)).toEqual([2, 0, 3])
  })
})

describe('for readers', () => {
  test.each([
    [123_456, 'USD', 'en-US', '$1,234.56'],
    [1500, 'JPY', 'en-US', '¥1,500'],
    [123_456, 'EUR', 'de-DE', '1.234,56\u00A0€'],
  ])('%i %s in %s is %s', (amount, currency, locale, shown) => {
    expect(formatMoney(amount, currency, locale)).toBe(shown)
  })

  test('the largest amount loses no digit', () => {
    expect(formatMoney(Number.MAX_SAFE_INTEGER, 'USD', 'en-US')).toBe('$90,071,992,547,409.91')
  })

  test('an amount keeps its direction within Arabic', () => {
    expect(formatMoney(1500, 'USD', 'ar-u-nu-latn')).toMatch(/^\u2066.*15\.00.*\u2069$/)
  })

  test('whole amounts are short where that is asked for', () => {
    expect(formatMoney(15_000, 'USD', 'en-US', { short: true })).toBe('$150')
    expect(formatMoney(15_050, 'USD', 'en-US', { short: true })).toBe('$150.50')
  })
})

describe('what people type', () => {
  test.each([
    ['12', 'USD', 1200],
    ['12.5', 'USD', 1250],
    ['12,50', 'EUR', 1250],
    ['0.07', 'USD', 7],
    ['1 234,56', 'EUR', 123_456],
    ['1500', 'JPY', 1500],
    ['1.234', 'KWD', 1234],
    ['١٢٫٥', 'USD', 1250],
  ])('"%s" in %s is %i', (typed, currency, amount) => {
    expect(parseMoney(typed, currency)).toBe(amount)
  })

  test.each(['', 'abc', '-5', '1.234', '1e5', '1.2.3', '.', '9999999999999'])('"%s" is no amount of dollars', (typed) => {
    expect(parseMoney(typed, 'USD')).toBeNull()
  })
})
