/** Payments below the days on which they were made. */
import type { PaymentView } from '@/api/generated'
import { formatRelativeDay } from '@/lib/dates'

export type Line = { day: string } | { payment: PaymentView }

interface Part {
  /** Each day of it is above its payments; whether the first stands in the list depends on what is before. */
  lines: readonly Line[]
  first: string
  last: string
}

/**
 * What is put in order once is not looked at again when more comes: a list that has grown to a hundred thousand would
 * else stand still for a moment with each page. The function that is returned remembers the pages it has seen.
 */
export function rememberedLines(): (pages: readonly (readonly PaymentView[])[], locale: string, now: Date) => Line[] {
  let parts = new WeakMap<readonly PaymentView[], Part>()
  let madeFor = ''
  return (pages, locale, now) => {
    const wanted = `${locale} ${now.toDateString()}`
    if (wanted !== madeFor) {
      parts = new WeakMap()
      madeFor = wanted
    }
    const lines: Line[] = []
    let day = ''
    for (const page of pages) {
      const part = parts.get(page) ?? partOf(page, locale, now)
      parts.set(page, part)
      for (let place = part.first === day ? 1 : 0; place < part.lines.length; place += 1) {
        lines.push(part.lines[place] as Line)
      }
      day = part.last || day
    }
    return lines
  }
}

function partOf(page: readonly PaymentView[], locale: string, now: Date): Part {
  const lines: Line[] = []
  const days: string[] = []
  for (const payment of page) {
    const day = new Date(payment.opened_at).toDateString()
    if (day !== days.at(-1)) {
      days.push(day)
      lines.push({ day: formatRelativeDay(payment.opened_at, locale, now) })
    }
    lines.push({ payment })
  }
  return { lines, first: days[0] ?? '', last: days.at(-1) ?? '' }
}
