import type { cards as english } from '../en/cards'
import type { Texts } from '../texts'

export const cards: Texts<typeof english> = {
  title: 'Karten',
  ending: 'Karte mit den Endziffern {last4}',
  issuing: 'Wird ausgestellt',
  active: 'Aktiv',
  frozen: 'Eingefroren',
  canceled: 'Gekündigt',
  inactive: 'Wird ausgestellt',
  locked: 'Von uns gesperrt',
  open: 'In Gebrauch',
  closed: 'Geschlossen',
  standard: 'Für alles',
  single_use: 'Für einmal',
  limited_use: 'Für einige Male',
  exact_amount: 'Genauer Betrag',
  merchant_locked: 'Ein Händler',
  recurring: 'Abonnement',
  dated: 'Für einige Tage',
}
