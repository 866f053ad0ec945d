import type { activity as english } from '../en/activity'
import type { Texts } from '../texts'

export const activity: Texts<typeof english> = {
  title: 'Umsätze',
  search: 'Händler und Notizen durchsuchen',
  status: 'Zustand',
  any: 'Jeder Zustand',
  card: 'Karte',
  anyCard: 'Jede Karte',
  emptyTitle: 'Noch keine Zahlungen',
  emptyText: 'Sie erscheinen hier in dem Augenblick, in dem ein Händler anfragt.',
  noMatchTitle: 'Nichts passt',
  noMatchText: 'Versuchen Sie weniger Wörter oder einen anderen Zustand.',
  clear: 'Filter entfernen',
  export: 'Als CSV herunterladen',
  list: 'Zahlungen',
  pending: 'Vorgemerkt',
  settled: 'Bezahlt',
  declined: 'Abgelehnt',
  voided: 'Freigegeben',
  expired: 'Abgelaufen',
}
