/** Instants as people say them, in their language and the time zone of their device. */

const DAY_MS = 86_400_000

export function formatDay(instant: string, locale: string): string {
  return format(instant, locale, { day: 'numeric', month: 'long', year: 'numeric' })
}

export function formatTime(instant: string, locale: string): string {
  return format(instant, locale, { hour: '2-digit', minute: '2-digit' })
}

export function formatMoment(instant: string, locale: string): string {
  return format(instant, locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
}

/** A day of a calendar, such as 2026-11-29, which is the same everywhere. */
export function formatDate(date: string, locale: string): string {
  return format(date, locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
}

/** A month of a calendar, such as 2026-11. */
export function formatMonth(month: string, locale: string): string {
  return format(month, locale, { month: 'long', year: 'numeric', timeZone: 'UTC' })
}

/** "today", "yesterday", a weekday within the last week, else the day. */
export function formatRelativeDay(instant: string, locale: string, now: Date): string {
  const days = Math.round((startOfDay(now) - startOfDay(new Date(instant))) / DAY_MS)
  if (days === 0 || days === 1) {
    const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day')
    return relative.charAt(0).toLocaleUpperCase(locale) + relative.slice(1)
  }
  const isThisWeek = days > 1 && days < 7
  return format(instant, locale, isThisWeek ? { weekday: 'long' } : { day: 'numeric', month: 'long' })
}

const UNITS = [
  ['day', DAY_MS],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** How far an instant is from now, in the largest unit that fits: "in 3 hours", "2 days ago". */
export function formatDistance(instant: string, locale: string, now: Date): string {
  const apart = new Date(instant).getTime() - now.getTime()
  const [unit, span] = UNITS.find(([, each]) => Math.abs(apart) >= each) ?? ['minute', 60_000]
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' }).format(Math.round(apart / span), unit)
}

/** The place that a time zone is named after: "America/New_York" is "New York". */
export function zoneName(zone: string): string {
  return zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')
}

function startOfDay(instant: Date): number {
  return new Date(instant.getFullYear(), instant.getMonth(), instant.getDate()).getTime()
}

const formats = new Map<string, Intl.DateTimeFormat>()

function format(instant: string, locale: string, options: Intl.DateTimeFormatOptions): string {
  const key = locale + JSON.stringify(options)
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options)
  formats.set(key, known)
  return known.format(new Date(instant))
}
