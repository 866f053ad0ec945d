import { expect, test } from 'vitest'

import { catalogue, GROUPS } from '@/lib/catalogues'

function lines(texts: object, path = ''): Map<string, string> {
  const found = Object.entries(texts).flatMap(([key, value]: [string, string | object]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as const] : [...lines(value, `${path}${key}.`)],
  )
  return new Map(found)
}

/** What is filled in; the branches of plurals are words, and differ. */
const places = (said: string) => new Set(said.match(/(?<!(?:=\d+|zero|one|two|few|many|other) )\{\w+/g))

test.each(GROUPS.flatMap((group) => [[group, 'de'] as const, [group, 'ar'] as const]))(
  '%s in %s has every text, with the same places to fill in',
  async (group, language) => {
    const translated = lines(await catalogue(group, language))
    for (const [key, text] of lines(await catalogue(group, 'en'))) {
      expect(places(translated.get(key) ?? ''), key).toEqual(places(text))
    }
  },
)

test.each(GROUPS)('no text of %s is left in English by mistake', async (group) => {
  const english = lines(await catalogue(group, 'en'))
  const same = [...lines(await catalogue(group, 'ar'))].filter(([key, text]) => text === english.get(key))
  expect(same).toEqual([])
})

test('no section is in two groups: one would hide the other', async () => {
  const sections = (await Promise.all(GROUPS.map((group) => catalogue(group, 'en')))).flatMap((each) => Object.keys(each))
  expect(sections.length).toBe(new Set(sections).size)
})
