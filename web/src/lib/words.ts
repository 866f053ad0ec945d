/** The words of a code that the API gives: ours where the catalogue has them, else the code, made readable. */
export function wordOf(t: { has: (key: never) => boolean } & ((key: never) => string), code: string): string {
  return t.has(code as never) ? t(code as never) : readable(code)
}

/** A city and the name of its country, as far as both are known. */
export function placeName(city: string | null, country: string, locale: string): string {
  const names = new Intl.DisplayNames(locale, { type: 'region', fallback: 'code' })
  return [city, country && names.of(country)].filter(Boolean).join(', ')
}

/** What a merchant is called on statements, "PINE STREET BOOKS", as people write it; what has small letters stays. */
export function merchantName(descriptor: string): string {
  return descriptor === descriptor.toUpperCase() ? descriptor.toLowerCase().replaceAll(/(?<=^|[\s\-*./&])\p{L}/gu, (letter) => letter.toUpperCase()) : descriptor
}

/** Brands of vendors and cards as they write themselves, the same in every language. */
const BRANDS: Record<string, string> = {
  acs: '3-D Secure',
  amex: 'American Express',
  fcm: 'Firebase',
  mastercard: 'Mastercard',
  onfido: 'Onfido',
  sendgrid: 'SendGrid',
  stripe: 'Stripe',
  twilio: 'Twilio',
  visa: 'Visa',
}

export function brandName(code: string): string {
  return BRANDS[code] ?? readable(code)
}

/** "insufficient_funds" as "Insufficient funds". */
export function readable(code: string): string {
  const words = code.replaceAll(/[._]/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
