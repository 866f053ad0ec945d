/** The test cards of the payment provider's stand-in. */
export const METHODS = [
  { token: 'pm_card_visa', name: 'visa', text: 'visaText' },
  { token: 'pm_card_threeDSecure2Required', name: 'secure', text: 'secureText' },
  { token: 'pm_card_chargeDeclinedInsufficientFunds', name: 'poor', text: 'poorText' },
] as const
