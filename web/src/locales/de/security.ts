import type { security as english } from '../en/security'
import type { Texts } from '../texts'

export const security: Texts<typeof english> = {
  title: 'Sicherheit',
  app: 'Authenticator-App',
  appText: 'Sechsstellige Codes aus einer App auf Ihrem Telefon. Nötig für Kartennummern und höhere Grenzen.',
  appOn: 'Aktiv seit {day}',
  setUp: 'Einrichten',
  scan: 'Scannen Sie das mit Ihrer Authenticator-App',
  secret: 'Oder tippen Sie das ein',
  qr: 'QR-Code für die Authenticator-App',
  enter: 'Geben Sie dann den Code ein, den sie zeigt',
  recoveryTitle: 'Bewahren Sie diese Codes sicher auf',
  recoveryText: 'Jeder lässt Sie einmal hinein, falls Ihr Telefon weg ist. Sie werden nur jetzt gezeigt.',
  kept: 'Ich habe sie aufbewahrt',
  passkeys: 'Passkeys',
  passkeysText: 'Anmelden mit Fingerabdruck, Gesicht oder Sicherheitsschlüssel.',
  addPasskey: 'Passkey hinzufügen',
  passkeyName: 'Name des Passkeys',
  passkeyAdded: 'Der Passkey ist hinzugefügt.',
  noPasskeys: 'Sie haben noch keinen.',
  lastUsed: 'Zuletzt verwendet {day}',
  signInAgain: 'Melden Sie sich zuerst neu an: der erste Faktor braucht eine Anmeldung der letzten fünf Minuten.',
}
