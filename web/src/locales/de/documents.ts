import type { documents as english } from '../en/documents'
import type { Texts } from '../texts'

export const documents: Texts<typeof english> = {
  title: 'Ihre Dokumente',
  weSay: 'Wir sagen',
  wanted: 'Bitte reichen Sie ein:',
  text: 'Ein Reisepass oder beide Seiten eines anderen Ausweises und ein Foto Ihres Gesichts.',
  kind: 'Was Sie einreichen',
  kinds: {
    passport: 'Reisepass',
    id_card_front: 'Personalausweis, Vorderseite',
    id_card_back: 'Personalausweis, Rückseite',
    driving_licence_front: 'Führerschein, Vorderseite',
    driving_licence_back: 'Führerschein, Rückseite',
    residence_permit_front: 'Aufenthaltstitel, Vorderseite',
    residence_permit_back: 'Aufenthaltstitel, Rückseite',
    selfie: 'Foto Ihres Gesichts',
    proof_of_address: 'Adressnachweis',
  },
  photo: 'Foto aufnehmen',
  file: 'Datei wählen',
  hint: 'Ganz, scharf, ohne Spiegelung: JPEG, PNG, WebP oder PDF bis 10 MB.',
  large: 'Ein Dokument darf höchstens 10 MB haben.',
  added: '{name}: übergeben.',
  remove: 'Entfernen: {name}',
  until: 'Höchstens bis {day} versiegelt aufbewahrt; nur zur Prüfung einsehbar.',
  erased: {
    holder: 'Am {day} von Ihnen gelöscht',
    staff: 'Am {day} von uns gelöscht',
    retention: 'Am {day} nach Ablauf der Frist gelöscht',
  },
  submit: 'Zur Prüfung einreichen',
}
