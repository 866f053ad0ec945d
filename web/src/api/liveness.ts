/** Whether the server tells this window what changes. While it does not, pages ask by themselves, slowly. */
const ASKED_EVERY_MS = 15_000

let isLive = false

export function setLive(live: boolean): void {
  isLive = live
}

/** For `refetchInterval`: nothing while changes are told, else a slow pace. */
export function unlessLive(): number | false {
  return isLive ? false : ASKED_EVERY_MS
}
