/** The languages of the app: their catalogues are typed after the English one, so a missing text fails the build. */
import { DirectionProvider, useDirection } from '@mantine/core'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { IntlProvider } from 'use-intl'

import { en, type Messages } from '@/locales/en'

export const LOCALES = ['en', 'de', 'ar'] as const
export type Locale = (typeof LOCALES)[number]
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

const catalogues: Record<Locale, () => Promise<Messages>> = {
  en: () => Promise.resolve(en),
  de: async () => (await import('@/locales/de')).de,
  ar: async () => (await import('@/locales/ar')).ar,
}

interface Language {
  locale: Locale
  /** What Intl is given. */
  formats: string
  choose: (locale: Locale) => void
}

const LanguageContext = createContext<Language>({ locale: 'en', formats: FORMATS.en, choose: () => undefined })

/** Loads the language before anything is shown: no text appears in one language and then in another. */
export async function loadLanguage(): Promise<{ locale: Locale; messages: Messages }> {
  const locale = LOCALES.find((known) => known === document.documentElement.lang) ?? 'en'
  return { locale, messages: await catalogues[locale]() }
}

export function LanguageProvider({
  first,
  children,
}: {
  first: { locale: Locale; messages: Messages }
  children: ReactNode
}): ReactNode {
  const [shown, setShown] = useState(first)
  const language = useMemo<Language>(
    () => ({
      locale: shown.locale,
      formats: FORMATS[shown.locale],
      choose: (locale) => {
        localStorage.setItem(KEPT_AS, locale)
        void catalogues[locale]().then((messages) => setShown({ locale, messages }))
      },
    }),
    [shown.locale],
  )
  return (
    <LanguageContext value={language}>
      <IntlProvider locale={shown.locale} messages={shown.messages} timeZone={zone()}>
        <DirectionProvider detectDirection>
          <Direction locale={shown.locale} />
          {children}
        </DirectionProvider>
      </IntlProvider>
    </LanguageContext>
  )
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
