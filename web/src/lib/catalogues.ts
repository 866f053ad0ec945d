/** The texts of the app, in groups that are loaded when they are needed. Every language is typed after the English one. */
import type { texts as english } from '@/locales/en/base'
import type { texts as englishConsole } from '@/locales/en/console'
import type { texts as englishEvents } from '@/locales/en/events'
import type { texts as englishHolder } from '@/locales/en/holder'
import type { Texts } from '@/locales/texts'

export const LOCALES = ['en', 'de', 'ar'] as const
export type Locale = (typeof LOCALES)[number]

interface Groups {
  /** What the first page of anybody needs. */
  base: Texts<typeof english>
  /** What a cardholder's further pages need. */
  holder: Texts<typeof englishHolder>
  /** What pages of staff need. */
  console: Texts<typeof englishConsole>
  /** What names the events that people are told of, on pages of both. */
  events: Texts<typeof englishEvents>
}
export type Group = keyof Groups
export type Messages = Groups['base'] & Groups['holder'] & Groups['console'] & Groups['events']

type Loader<G extends Group> = () => Promise<{ texts: Groups[G] }>
const LOADERS: { [G in Group]: Record<Locale, Loader<G>> } = {
  base: {
    en: () => import('@/locales/en/base'),
    de: () => import('@/locales/de/base'),
    ar: () => import('@/locales/ar/base'),
  },
  holder: {
    en: () => import('@/locales/en/holder'),
    de: () => import('@/locales/de/holder'),
    ar: () => import('@/locales/ar/holder'),
  },
  console: {
    en: () => import('@/locales/en/console'),
    de: () => import('@/locales/de/console'),
    ar: () => import('@/locales/ar/console'),
  },
  events: {
    en: () => import('@/locales/en/events'),
    de: () => import('@/locales/de/events'),
    ar: () => import('@/locales/ar/events'),
  },
}
export const GROUPS = Object.keys(LOADERS) as Group[]

export async function catalogue(group: Group, locale: Locale): Promise<object> {
  return (await LOADERS[group][locale]()).texts
}
