export const shared = {
  reason: 'The reason, for the audit trail',
  clear: 'Clear the filters',
  clearOne: 'Clear {label}',
  emptyTitle: 'Nothing here',
  emptyText: 'Nothing fits, or nothing has happened yet.',
  backToList: 'Back to the list',
}
