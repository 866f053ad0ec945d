import type { app as english } from '../en/app'
import type { Texts } from '../texts'

export const app: Texts<typeof english> = {
  skip: 'Zum Inhalt springen',
  navigation: 'Hauptnavigation',
  home: 'Start',
  cards: 'Karten',
  activity: 'Umsätze',
  inbox: 'Postfach',
  identity: 'Identität',
  security: 'Sicherheit',
  search: 'Suchen oder springen',
  searchHint: 'Wohin?',
  nothingFound: 'So heißt hier nichts.',
  account: 'Ihr Konto',
  signOut: 'Abmelden',
  theme: 'Darstellung',
  light: 'Hell',
  dark: 'Dunkel',
  auto: 'Wie das Gerät',
  language: 'Sprache',
  newCard: 'Neue Karte',
  topUp: 'Geld aufladen',
  back: 'Zurück',
}
