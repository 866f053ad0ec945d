import type { inbox as english } from '../en/inbox'
import type { Texts } from '../texts'

export const inbox: Texts<typeof english> = {
  title: 'Postfach',
  emptyTitle: 'Noch nichts da',
  emptyText: 'Was wir Ihnen per E-Mail, SMS oder Push sagen, bleibt hier.',
  unread: 'Ungelesen',
  readAll: 'Alle als gelesen markieren',
  preferences: 'Was mir gesagt wird',
}
