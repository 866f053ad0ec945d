import type { home as english } from '../en/home'
import type { Texts } from '../texts'

export const home: Texts<typeof english> = {
  title: 'Start',
  greeting: 'Hallo, {name}',
  available: 'Verfügbar',
  held: 'Vorgemerkt',
  posted: 'Gebuchter Stand',
  heldTitle: 'Was vorgemerkt ist, und warum',
  heldText: 'Zurückgelegt für {merchant}, bis abgebucht oder freigegeben wird',
  nothingHeld: 'Nichts ist vorgemerkt: Sie können alles ausgeben.',
  owed: '{amount} sind offen aus Zahlungen, die Ihr Guthaben nicht deckte. Die nächste Aufladung gleicht sie aus.',
  yourCards: 'Ihre Karten',
  noCardsTitle: 'Noch keine Karten',
  noCardsText: 'Eine Karte für jeden Zweck hält Überraschungen klein.',
  latest: 'Neueste Umsätze',
  noActivityTitle: 'Noch keine Zahlungen',
  noActivityText: 'Sie erscheinen hier in dem Augenblick, in dem ein Händler anfragt.',
  spending: 'Ausgaben nach Art',
  spendingText: 'Letzte zwölf Monate',
  noSpending: 'Was Sie ausgeben, ordnet sich hier von selbst.',
  payments: '{count, plural, one {# Zahlung} other {# Zahlungen}}',
}
