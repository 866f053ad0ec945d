import type { queue as english } from '../en/queue'
import type { Texts } from '../texts'

export const queue: Texts<typeof english> = {
  state: 'الحالة',
  mine: 'لي ({count})',
  late: 'متأخرة ({count})',
  assignee: 'لدى',
  you: 'أنت',
  nobody: 'لا أحد',
  system: 'النظام',
  history: 'السجل',
  note: 'ملاحظة لزملائك',
  addNote: 'أضف الملاحظة',
}
