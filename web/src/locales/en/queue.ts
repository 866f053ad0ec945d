export const queue = {
  state: 'State',
  mine: 'Mine ({count})',
  late: 'Late ({count})',
  assignee: 'With',
  you: 'You',
  nobody: 'Nobody',
  system: 'The system',
  history: 'History',
  note: 'A note for your colleagues',
  addNote: 'Add the note',
}
