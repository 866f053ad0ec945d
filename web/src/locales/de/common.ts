import type { common as english } from '../en/common'
import type { Texts } from '../texts'

export const common: Texts<typeof english> = {
  retry: 'Noch einmal versuchen',
  cancel: 'Abbrechen',
  save: 'Speichern',
  close: 'Schließen',
  copy: 'Kopieren',
  copied: 'Kopiert',
  undo: 'Rückgängig',
  more: 'Mehr zeigen',
  all: 'Alle ansehen',
  continue: 'Weiter',
  loading: 'Wird geladen',
  reference: 'Kennzeichen {id}',
  failedTitle: 'Das hat nicht geklappt',
  deniedTitle: 'Das ist nicht für Sie bestimmt',
  deniedText: 'Es gehört jemand anderem, oder es ist nicht mehr da.',
  missingTitle: 'Diese Seite gibt es nicht',
  missingText: 'Vielleicht ist die Adresse vertippt, oder die Seite ist umgezogen.',
  goHome: 'Zur Startseite',
  email: 'E-Mail-Adresse',
  password: 'Passwort',
  emailInvalid: 'Geben Sie eine E-Mail-Adresse ein.',
  required: 'Hier fehlt etwas.',
  codeInvalid: 'Geben Sie die sechs Ziffern ein.',
  channels: { ecommerce: 'Online', in_person: 'Im Laden', wallet: 'Mit dem Telefon', atm: 'Geldautomat' },
}
