import type { topUp as english } from '../en/top-up'
import type { Texts } from '../texts'

export const topUp: Texts<typeof english> = {
  title: 'Geld aufladen',
  amount: 'Betrag',
  amountInvalid: 'Geben Sie einen Betrag ein, etwa {example}.',
  from: 'Zahlen mit',
  visa: 'Visa mit den Endziffern 4242',
  visaText: 'Eine Testkarte, die sofort zahlt',
  secure: 'Visa mit den Endziffern 3220',
  secureText: 'Eine Testkarte, deren Bank um Bestätigung bittet',
  poor: 'Visa mit den Endziffern 9995',
  poorText: 'Eine Testkarte ohne genug Geld',
  testOnly: 'Das sind Testkarten der Demo. Es bewegt sich kein echtes Geld.',
  add: '{amount} aufladen',
  confirming: 'Bestätigen Sie bei Ihrer Bank',
  confirmingText: 'Ihre Bank will sicher sein, dass Sie es sind. Ihre Seite öffnet sich in einem neuen Tab; kommen Sie danach zurück.',
  openBank: 'Seite der Bank öffnen',
  waiting: 'Ihre Bank überweist',
  succeeded: '{amount} sind auf Ihrem Guthaben',
  succeededText: 'Sie können das Geld jetzt ausgeben.',
  failed: 'Die Aufladung ist gescheitert',
  review: 'Jemand sieht sich diese Aufladung an',
  reviewText: 'Es dauert etwas länger als sonst. Sie müssen nichts tun.',
  again: 'Andere Karte versuchen',
  seeBalance: 'Guthaben ansehen',
  kept: 'Für Sie hinterlegt',
}
