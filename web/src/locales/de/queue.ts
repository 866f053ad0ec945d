import type { queue as english } from '../en/queue'
import type { Texts } from '../texts'

export const queue: Texts<typeof english> = {
  state: 'Stand',
  mine: 'Meine ({count})',
  late: 'Überfällig ({count})',
  assignee: 'Bei',
  you: 'Sie',
  nobody: 'Niemand',
  system: 'Das System',
  history: 'Verlauf',
  note: 'Eine Notiz für das Team',
  addNote: 'Notiz hinzufügen',
}
