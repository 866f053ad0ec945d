/** Months as the API names them: 2026-11. */
const MOST = 36

export function thisMonth(now: Date = new Date()): string {
  return named(now.getFullYear(), now.getMonth())
}

/** From the present one back to that of an instant, at most three years. */
export function monthsSince(instant: string, now: Date = new Date()): string[] {
  const first = new Date(instant)
  const count = (now.getFullYear() - first.getFullYear()) * 12 + now.getMonth() - first.getMonth() + 1
  return Array.from({ length: Math.max(1, Math.min(MOST, count)) }, (_, back) => {
    const at = new Date(now.getFullYear(), now.getMonth() - back, 1)
    return named(at.getFullYear(), at.getMonth())
  })
}

function named(year: number, month: number): string {
  return `${year}-${String(month + 1).padStart(2, '0')}`
}
