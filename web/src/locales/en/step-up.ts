export const stepUp = {
  title: 'Is it you?',
  text: 'This needs a code of your authenticator app, used lately.',
  confirm: 'Confirm',
  setUpTitle: 'Add an authenticator app first',
  setUpText: 'Card numbers and higher limits are guarded by a second factor. Setting one up takes a minute.',
  setUp: 'Go to security',
  passkey: 'Use a passkey',
}
