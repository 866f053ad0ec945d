const TAIL = 8

/** The end of an id, which tells ids of one minute apart; short ids are whole. */
export function tailOf(id: string): string {
  return id.length <= TAIL ? id : `…${id.slice(-TAIL)}`
}
