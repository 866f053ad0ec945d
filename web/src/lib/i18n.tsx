/** The language of the app: chosen, remembered, and its texts loaded before what needs them is shown. */
import { DirectionProvider, useDirection } from '@mantine/core'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from 'react'
import { IntlProvider } from 'use-intl'

import { catalogue, type Group, type Locale, LOCALES, type Messages } from './catalogues'

export const LOCALE_NAMES: Record<Locale, string> = { en: 'English', de: 'Deutsch', ar: 'العربية' }
const KEPT_AS = 'cardwright-locale'
/** Latin digits in Arabic, too: they stand beside card numbers and codes. */
const FORMATS: Record<Locale, string> = { en: 'en-US', de: 'de-DE', ar: 'ar-u-nu-latn' }

declare module 'use-intl' {
  interface AppConfig {
    Locale: Locale
    Messages: Messages
  }
}

interface Shown {
  locale: Locale
  messages: object
}
let shown: Shown = { locale: LOCALES.find((known) => known === document.documentElement.lang) ?? 'en', messages: {} }
let wanted = shown.locale
const loaded = new Map<Group, object>()
const listeners = new Set<() => void>()

function show(locale: Locale): void {
  shown = { locale, messages: Object.assign({}, ...loaded.values()) as object }
  for (const tell of listeners) {
    tell()
  }
}

/** Have texts at hand before a page that needs them is shown. */
export async function loadTexts(group: Group): Promise<void> {
  const { locale } = shown
  if (!loaded.has(group)) {
    const texts = await catalogue(group, locale)
    if (locale !== shown.locale) {
      return loadTexts(group)
    }
    loaded.set(group, texts)
    show(locale)
  }
}

async function change(locale: Locale): Promise<void> {
  wanted = locale
  const groups = [...loaded.keys()]
  const translated = await Promise.all(groups.map((group) => catalogue(group, locale)))
  if (wanted !== locale) {
    return
  }
  if (groups.length < loaded.size) {
    // More was loaded meanwhile, in the language that is left.
    return change(locale)
  }
  groups.forEach((group, at) => loaded.set(group, translated[at] ?? {}))
  show(locale)
}

interface Language {
  locale: Locale
  /** What Intl is given. */
  formats: string
  choose: (locale: Locale) => void
}

const LanguageContext = createContext<Language>({ locale: 'en', formats: FORMATS.en, choose: () => undefined })

export function LanguageProvider({ children }: { children: ReactNode }): ReactNode {
  const { locale, messages } = useSyncExternalStore(listen, () => shown)
  const language = useMemo<Language>(
    () => ({
      locale,
      formats: FORMATS[locale],
      choose: (chosen) => {
        localStorage.setItem(KEPT_AS, chosen)
        void change(chosen)
      },
    }),
    [locale],
  )
  return (
    <LanguageContext value={language}>
      <IntlProvider locale={locale} messages={messages as Messages} timeZone={zone()}>
        <DirectionProvider detectDirection>
          <Direction locale={locale} />
          {children}
        </DirectionProvider>
      </IntlProvider>
    </LanguageContext>
  )
}

function listen(tell: () => void): () => void {
  listeners.add(tell)
  return () => listeners.delete(tell)
}

function Direction({ locale }: { locale: Locale }): null {
  const { setDirection } = useDirection()
  useEffect(() => {
    document.documentElement.lang = locale
    setDirection(locale === 'ar' ? 'rtl' : 'ltr')
  }, [locale, setDirection])
  return null
}

export function useLanguage(): Language {
  return useContext(LanguageContext)
}

function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
