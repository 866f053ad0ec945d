import type { profile as english } from '../en/profile'
import type { Texts } from '../texts'

export const profile: Texts<typeof english> = {
  title: 'Wer sind Sie?',
  text: 'So, wie es in Ihrem Ausweis steht. Es wird gebraucht, bevor etwas auf Ihren Namen ausgestellt wird.',
  name: 'Vor- und Nachname',
  birth: 'Geburtstag',
  phone: 'Mobilnummer',
  line1: 'Straße und Hausnummer',
  city: 'Ort',
  postalCode: 'Postleitzahl',
  country: 'Land',
  phoneInvalid: 'Beginnen Sie mit + und der Vorwahl des Landes, etwa +49.',
  birthInvalid: 'Geben Sie einen Tag in der Vergangenheit ein.',
  saved: 'Ihr Profil ist gespeichert.',
}
