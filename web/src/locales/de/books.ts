import type { books as english } from '../en/books'
import type { Texts } from '../texts'

export const books: Texts<typeof english> = {
  accounts: {
    wallet: 'Guthaben',
    receivable: 'Forderungen an Kunden',
    issuer_settlement: 'Beim Herausgeber',
    funding_in_transit: 'Einzahlungen unterwegs',
    fees: 'Gebühren',
    dispute_suspense: 'Strittige Beträge',
    fraud_losses: 'Betrugsverluste',
    corrections: 'Korrekturen',
  },
  kinds: {
    clearing: 'Abrechnung',
    force_post: 'Abrechnung ohne Autorisierung',
    refund: 'Erstattung',
    top_up: 'Einzahlung',
    top_up_dispute: 'Angefochtene Einzahlung',
    top_up_dispute_reversed: 'Angefochtene Einzahlung, gewonnen',
    withdrawal: 'Auszahlung',
    withdrawal_returned: 'Zurückgekommene Auszahlung',
    dispute_credit: 'Vorläufige Gutschrift',
    dispute_credit_reversal: 'Zurückgenommene vorläufige Gutschrift',
    dispute_recovery: 'Gewonnene Reklamation',
    manual: 'Von Hand',
  },
  records: {
    transaction: 'Kartenumsatz',
    authorization: 'Autorisierung',
    charge: 'Belastung',
    refund: 'Erstattung',
    fee: 'Gebühr',
    dispute: 'Reklamation',
    charge_dispute: 'Angefochtene Belastung',
    total: 'Summe eines Tages',
  },
}
