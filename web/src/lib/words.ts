/** The words of a code that the API gives: ours where the catalogue has them, else the code, made readable. */
export function wordOf(t: { has: (key: never) => boolean } & ((key: never) => string), code: string): string {
  return t.has(code as never) ? t(code as never) : readable(code)
}

/** "insufficient_funds" as "Insufficient funds". */
export function readable(code: string): string {
  const words = code.replaceAll(/[._]/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
