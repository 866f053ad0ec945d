/** Money as the API gives it: integers in minor units beside an ISO 4217 currency. No float ever holds an amount. */

type Decimal = `${number}`

/** How many digits a currency has after the point: 2 for USD, 0 for JPY, 3 for KWD. */
export function exponentOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0
}

/** Write minor units as a decimal number in plain digits: 1234 USD is "12.34". */
export function toDecimal(amount: number, currency: string): Decimal {
  if (!Number.isSafeInteger(amount)) {
    throw new RangeError('an amount is an integer in minor units')
  }
  const exponent = exponentOf(currency)
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0')
  const whole = digits.slice(0, digits.length - exponent)
  const part = digits.slice(digits.length - exponent)
  return `${amount < 0 ? '-' : ''}${whole}${part && '.'}${part}` as Decimal
}

export interface MoneyStyle {
  /** Show a plus before what comes in. */
  signed?: boolean
  /** Leave out the digits after the point where all are zero. */
  short?: boolean
}

/** Write an amount as the language does, from the integer and without rounding. */
export function formatMoney(amount: number, currency: string, locale: string, style: MoneyStyle = {}): string {
  const written = formatter(currency, locale, style).format(toDecimal(amount, currency))
  return isRightToLeft(locale) ? isolated(written) : written
}

/** An amount reads from left to right in every script; without this, its symbol would jump to the other side. */
function isolated(written: string): string {
  return `\u2066${written.replaceAll('\u200F', '')}\u2069`
}

function isRightToLeft(locale: string): boolean {
  return locale.startsWith('ar')
}

/** The parts of an amount, to set its symbol and its small digits apart. */
export function moneyParts(amount: number, currency: string, locale: string): Intl.NumberFormatPart[] {
  return formatter(currency, locale, {}).formatToParts(toDecimal(amount, currency))
}

const formatters = new Map<string, Intl.NumberFormat>()

function formatter(currency: string, locale: string, style: MoneyStyle): Intl.NumberFormat {
  const key = [currency, locale, style.signed, style.short].join()
  const known = formatters.get(key)
  if (known) {
    return known
  }
  const made = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    signDisplay: style.signed ? 'exceptZero' : 'auto',
    trailingZeroDisplay: style.short ? 'stripIfInteger' : 'auto',
  })
  formatters.set(key, made)
  return made
}

/** Read what somebody typed into minor units; null where it is no amount of that currency. */
export function parseMoney(typed: string, currency: string): number | null {
  const exponent = exponentOf(currency)
  const plain = westernDigits(typed).replaceAll(/[\s'’\u00A0\u202F]/g, '')
  const found = /^(?<whole>\d{1,12})(?:[.,\u066B](?<part>\d+))?$/.exec(plain)
  const whole = found?.groups?.['whole']
  if (whole === undefined) {
    return null
  }
  const part = found?.groups?.['part'] ?? ''
  return part.length > exponent ? null : Number(whole + part.padEnd(exponent, '0'))
}

function westernDigits(text: string): string {
  return text.replaceAll(/[٠-٩]/g, (digit) => String((digit.codePointAt(0) ?? 0) - 0x0660))
}
