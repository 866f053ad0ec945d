import type { newCard as english } from '../en/new-card'
import type { Texts } from '../texts'

export const newCard: Texts<typeof english> = {
  title: 'Neue Karte',
  step: 'Schritt {step} von 3',
  pick: 'Wofür ist sie?',
  pickText: 'Jede Art lehnt ab, wofür sie nicht gedacht ist.',
  name: 'Geben Sie ihr Namen und Farbe',
  label: 'Name der Karte',
  labelHint: 'Nur Sie sehen ihn.',
  colour: 'Farbe',
  limit: 'Grenze im Monat',
  limitHint: 'Leer lassen für keine eigene.',
  limitInvalid: 'Geben Sie einen Betrag ein, etwa {example}.',
  create: 'Karte anlegen',
  creating: 'Der Herausgeber stellt Ihre Karte aus',
  done: 'Ihre Karte ist bereit',
  doneText: 'Von dieser Sekunde an kann sie zahlen.',
  see: 'Karte ansehen',
  verifyFirst: 'Weisen Sie sich zuerst aus',
  verifyFirstText: 'Karten bekommt, wer bekannt ist. Es dauert zwei Minuten.',
  kinds: {
    everyday: 'Alltag',
    everydayText: 'Läden, Essen, Fahrkarten: alles.',
    subscription: 'Abonnement',
    subscriptionText: 'Bleibt beim ersten Händler, der sie belastet.',
    once: 'Einmal',
    onceText: 'Schließt sich nach einem Kauf von selbst.',
  },
  prepared: 'Für Sie vorbereitet',
}
