import type { staff as english } from '../en/staff'
import type { Texts } from '../texts'

export const staff: Texts<typeof english> = {
  console: 'Konsole',
  navigation: 'Navigation der Konsole',
  overview: 'Überblick',
  risk: 'Risiko',
  money: 'Geld',
  oversight: 'Aufsicht',
  set: 'Programm',
  rules: 'Regeln',
  payments: 'Zahlungen',
  ledger: 'Hauptbuch',
  reconciliation: 'Abgleich',
  audit: 'Protokoll',
  templates: 'Vorlagen',
  team: 'Team',
  health: 'Zustand',
  deniedTitle: 'Ihre Rolle reicht dafür nicht',
  deniedText: 'Bitten Sie die Administration um eine Rolle, die dafür reicht.',
}
