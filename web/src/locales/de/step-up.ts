import type { stepUp as english } from '../en/step-up'
import type { Texts } from '../texts'

export const stepUp: Texts<typeof english> = {
  title: 'Sind Sie es?',
  text: 'Dafür braucht es einen frischen Code Ihrer Authenticator-App.',
  confirm: 'Bestätigen',
  setUpTitle: 'Richten Sie zuerst eine Authenticator-App ein',
  setUpText: 'Kartennummern und höhere Grenzen schützt ein zweiter Faktor. Ihn einzurichten dauert eine Minute.',
  setUp: 'Zur Sicherheit',
  passkey: 'Passkey benutzen',
}
