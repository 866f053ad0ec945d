/** What the API tells in sentences, with instants and amounts as the reader writes them. */
import { formatMoment } from './dates'
import { formatMoney, parseMoney } from './money'

const INSTANT = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})/g
const AMOUNT = /(?<![\d.])(\d+(?:\.\d+)?) ([A-Z]{3})\b/g

/** Reasons of decisions are told in English; days among its words would read in two directions at once. */
export function explained(text: string): string {
  return told(text, 'en-US')
}

export function told(text: string, locale: string): string {
  return text
    .replaceAll(INSTANT, (instant) => formatMoment(instant, locale))
    .replaceAll(AMOUNT, (written: string, number: string, currency: string) => {
      const amount = parseMoney(number, currency)
      return amount === null ? written : formatMoney(amount, currency, locale)
    })
}
