export const staff = {
  console: 'Console',
  navigation: 'Console navigation',
  overview: 'Overview',
  deniedTitle: 'Your role does not reach this',
  deniedText: 'Ask an administrator for a role that does.',
}
