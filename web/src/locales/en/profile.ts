export const profile = {
  title: 'Who are you?',
  text: 'As it stands on your identity document. It is needed before anything is issued in your name.',
  name: 'Full name',
  birth: 'Date of birth',
  phone: 'Mobile phone',
  line1: 'Street and number',
  city: 'City',
  postalCode: 'Postal code',
  country: 'Country',
  phoneInvalid: 'Begin with + and the code of the country, such as +1.',
  birthInvalid: 'Enter a day in the past.',
  saved: 'Your profile is saved.',
}
