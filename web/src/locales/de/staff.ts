import type { staff as english } from '../en/staff'
import type { Texts } from '../texts'

export const staff: Texts<typeof english> = {
  console: 'Konsole',
  navigation: 'Navigation der Konsole',
  overview: 'Überblick',
  work: 'Aufgaben',
  program: 'Programm',
  reviews: 'Identitätsprüfungen',
  cases: 'Fälle',
  disputes: 'Reklamationen',
  approvals: 'Freigaben',
  customers: 'Kunden',
  deniedTitle: 'Ihre Rolle reicht dafür nicht',
  deniedText: 'Bitten Sie die Administration um eine Rolle, die dafür reicht.',
  roles: {
    cardholder: 'Karteninhaber',
    support: 'Kundendienst',
    kyc_reviewer: 'Identitätsprüfung',
    fraud_analyst: 'Betrugsanalyse',
    finance: 'Finanzen',
    developer: 'Entwicklung',
    administrator: 'Administration',
    auditor: 'Revision',
  },
  verifications: {
    requested: 'Angefordert',
    collecting: 'Wartet auf die Person',
    submitted: 'Eingereicht',
    in_review: 'In Prüfung',
    canceled: 'Abgebrochen',
    expired: 'Abgelaufen',
    rejected: 'Abgelehnt',
    approved: 'Bestätigt',
  },
}
