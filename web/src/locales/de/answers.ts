import type { answers as english } from '../en/answers'
import type { Texts } from '../texts'

export const answers: Texts<typeof english> = {
  title: 'Freigaben',
  waiting: 'Wartet auf Ihre Antwort',
  emptyTitle: 'Nichts wartet auf Sie',
  emptyText: 'Wenn ein Händler oder wir fragen, ob ein Kauf von Ihnen ist, erscheint es sofort hier.',
  others: '{count, plural, one {Eine weitere wartet} other {# weitere warten}}',
  purchase: 'Ein Händler bittet um Ihre Freigabe',
  question: 'Waren Sie das?',
  approve: 'Freigeben',
  refuse: 'Ablehnen',
  report: 'Das bin ich nicht: ablehnen und melden',
  yes: 'Ja, das war ich',
  no: 'Nein, das war ich nicht',
  ended: 'Die Zeit für diesen Kauf ist um. Der Händler kann noch einmal fragen.',
  said: {
    approve: 'Freigegeben. Der Händler macht weiter.',
    refuse: 'Abgelehnt. Es wird nichts abgebucht.',
    report: 'Abgelehnt und gemeldet. Wir gehen der Sache nach.',
  },
  told: {
    yes: 'Danke. Die Karte bleibt, wie sie ist.',
    no: 'Danke. Die Karte ist eingefroren, und wir gehen der Sache nach.',
  },
  past: 'Beantwortet und vorbei',
  states: {
    approved: 'Freigegeben',
    refused: 'Abgelehnt',
    reported: 'Als Betrug gemeldet',
    expired: 'Nicht rechtzeitig beantwortet',
    canceled: 'Vom Händler abgebrochen',
    yes: 'Das waren Sie',
    no: 'Das waren Sie nicht',
    unanswered: 'Nicht beantwortet',
  },
  invitation: 'Jemand vertraut Ihnen die Antwort an',
  invitationText: 'Sie können ab jetzt Käufe mit der Karte „{label}“ mit der Endung {last4} freigeben.',
  accept: 'Annehmen',
  decline: 'Nicht annehmen',
}
