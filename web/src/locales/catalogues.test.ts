import { expect, test } from 'vitest'

import { ar } from './ar'
import { de } from './de'
import { en } from './en'

function texts(catalogue: object, path = ''): Map<string, string> {
  const lines = Object.entries(catalogue).flatMap(([key, value]: [string, string | object]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as const] : [...texts(value, `${path}${key}.`)],
  )
  return new Map(lines)
}

test.each([
  ['de', de],
  ['ar', ar],
])('%s has every text, with the same places to fill in', (_name, catalogue) => {
  const translated = texts(catalogue)
  for (const [key, text] of texts(en)) {
    const places = (said: string) => new Set(said.match(/\{\w+/g))
    expect(places(translated.get(key) ?? ''), key).toEqual(places(text))
  }
})

test('no text of another language is left in English by mistake', () => {
  const english = texts(en)
  const same = [...texts(ar)].filter(([key, text]) => text === english.get(key))
  expect(same).toEqual([])
})
