import type { identity as english } from '../en/identity'
import type { Texts } from '../texts'

export const identity: Texts<typeof english> = {
  title: 'Identität',
  begin: 'Beginnen',
  goOn: 'Ausweis zeigen',
  goOnText: 'Die Seite des Prüfers öffnet sich in einem neuen Tab. Halten Sie Pass oder Personalausweis bereit.',
  refreshing: 'Diese Seite merkt von selbst, wenn Sie fertig sind.',
  allows: 'Was Ihre Stufe erlaubt',
  cards: 'Offene Karten',
  balance: 'Guthaben bis',
  added: 'In 30 Tagen aufgeladen bis',
  any: 'Keine Grenze',
  level: 'Stufe {level}',
  until: 'Gilt bis {day}',
  why: 'Warum',
  states: {
    not_started: 'Nicht begonnen',
    collecting: 'Wartet auf Sie',
    submitted: 'Wird geprüft',
    in_review: 'Wird angesehen',
    approved: 'Bestätigt',
    rejected: 'Abgelehnt',
    reverification_due: 'Wieder fällig',
    expired: 'Abgelaufen',
  },
  next: {
    not_started: 'Weisen Sie sich einmal aus, dann können Karten auf Ihren Namen ausgestellt werden.',
    collecting: 'Die Hälfte ist geschafft: zeigen Sie Ihren Ausweis.',
    submitted: 'Ihre Dokumente werden geprüft. Das dauert meist Sekunden.',
    in_review: 'Jemand sieht sich Ihre Dokumente an. Sie müssen nichts tun.',
    approved: 'Ihre Identität ist bestätigt. Es ist nichts zu tun.',
    rejected: 'Lesen Sie, warum, und beginnen Sie neu, wenn das helfen kann.',
    reverification_due: 'Weisen Sie sich vor dem genannten Tag noch einmal aus.',
    expired: 'Es hat zu lange gedauert. Beginnen Sie neu.',
  },
}
