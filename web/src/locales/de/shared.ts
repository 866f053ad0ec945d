import type { shared as english } from '../en/shared'
import type { Texts } from '../texts'

export const shared: Texts<typeof english> = {
  reason: 'Der Grund, für das Prüfprotokoll',
  clear: 'Filter löschen',
  clearOne: '{label} löschen',
  emptyTitle: 'Hier ist nichts',
  emptyText: 'Nichts passt, oder es ist noch nichts geschehen.',
  backToList: 'Zurück zur Liste',
}
