export const inbox = {
  title: 'Inbox',
  emptyTitle: 'Nothing here yet',
  emptyText: 'What we tell you by e-mail, text message or push is kept here.',
  unread: 'Unread',
  readAll: 'Mark all as read',
  preferences: 'What to tell me',
}
