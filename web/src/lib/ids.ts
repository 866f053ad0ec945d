const TAIL = 8
const SHORT = 12

/** The end of an id, which tells ids of one minute apart; what is short is whole. */
export function tailOf(id: string): string {
  return id.length <= SHORT ? id : `…${id.slice(-TAIL)}`
}
