/** The engraved lines of a card, as on banknotes: drawn from its id, so that each card has its own for good. */

const TURNS = 5
const STEPS = 420
const SIZE = 100
const FULL_CIRCLE = 2 * Math.PI

/** Return the path of a closed curve within a square of 200 around the origin. */
export function guilloche(id: string, layer: number): string {
  const draw = randomOf(`${id}/${layer}`)
  const petals = 5 + Math.floor(draw() * 8)
  const ratio = (petals + 0.2 * Math.ceil(draw() * 4)) * (draw() < 0.5 ? -1 : 1)
  const arm = 0.22 + 0.36 * draw()
  const turned = draw() * FULL_CIRCLE
  const points = Array.from({ length: STEPS }, (_, step) => {
    const angle = (step / STEPS) * FULL_CIRCLE * TURNS + turned
    const x = SIZE * ((1 - arm) * Math.cos(angle) + arm * Math.cos(ratio * angle))
    const y = SIZE * ((1 - arm) * Math.sin(angle) + arm * Math.sin(ratio * angle))
    return `${x.toFixed(1)} ${y.toFixed(1)}`
  })
  return `M${points.join('L')}Z`
}

/** Numbers in [0, 1) that follow from a text (mulberry32 on an FNV-1a hash). */
function randomOf(seed: string): () => number {
  let state = 0x811c9dc5
  for (const letter of seed) {
    state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  }
  return () => {
    // Kept within 32 bits, which Math.trunc would not do.
    // oxlint-disable-next-line unicorn/prefer-math-trunc
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
