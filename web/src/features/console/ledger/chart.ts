/** The chart of accounts, as the ledger has it. */
export const CODES = ['wallet', 'receivable', 'issuer_settlement', 'funding_in_transit', 'dispute_suspense', 'fees', 'fraud_losses', 'corrections'] as const

const OWNED: ReadonlySet<string> = new Set(['wallet', 'receivable'])

/** Whether each cardholder has an account of that code; the others are the program's. */
export function isOwned(code: string): boolean {
  return OWNED.has(code)
}
