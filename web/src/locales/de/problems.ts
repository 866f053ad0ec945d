import type { problems as english } from '../en/problems'
import type { Texts } from '../texts'

export const problems: Texts<typeof english> = {
  unreachable: 'Der Server ist nicht zu erreichen. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
  unexpected: 'Bei uns ist etwas schiefgegangen. Versuchen Sie es gleich noch einmal.',
  credentials_invalid: 'E-Mail-Adresse oder Passwort stimmt nicht.',
  code_invalid: 'Dieser Code stimmt nicht oder gilt nicht mehr.',
  password_unacceptable: 'Dieses Passwort ist zu kurz oder zu bekannt. Wählen Sie ein anderes.',
  kyc_required: 'Weisen Sie sich zuerst aus.',
  funds_insufficient: 'Dafür reicht das Geld nicht.',
  card_canceled: 'Diese Karte ist endgültig gekündigt.',
  factor_required: 'Dafür braucht es einen Passkey oder eine Authenticator-App.',
  step_up_required: 'Bestätigen Sie, dass Sie es sind, und versuchen Sie es dann noch einmal.',
  rate_limited: 'Das wurde zu oft versucht. Warten Sie ein wenig.',
  validation_failed: 'Etwas darin ist nicht, wie es sein soll.',
  currency_not_supported: 'Diese Währung wird nicht unterstützt.',
  card_locked: 'Diese Karte ist gesperrt. Schreiben Sie uns.',
  reveal_at_processor: 'Diese Nummer zeigt der Kartendienst.',
  profile_required: 'Füllen Sie zuerst Ihr Profil aus.',
  profile_incomplete: 'Ihrem Profil fehlt etwas, das zuerst gebraucht wird.',
  verification_open: 'Eine Prüfung läuft schon.',
  passkey_refused: 'Dieser Passkey wurde nicht angenommen.',
  cross_site_refused: 'Ihr Browser hat auf eine Weise gefragt, die wir nicht annehmen. Laden Sie die Seite neu.',
}
