/** Conditions as rows, for those who write no code: read from the language where it is simple enough, and written to it. */
import type { FieldView } from '@/api/generated'

export type Joint = '&&' | '||'
export const NUMBER_TESTS = ['>', '>=', '<', '<=', '==', '!='] as const
export const TEXT_TESTS = ['==', '!=', 'in', 'notIn', 'contains', 'startsWith', 'endsWith'] as const
export const TRUTH_TESTS = ['isTrue', 'isFalse'] as const
export const LIST_TESTS = ['onList', 'notOnList'] as const
export const PRESENCE_TESTS = ['known', 'unknown'] as const
export type RowTest =
  | (typeof NUMBER_TESTS)[number]
  | (typeof TEXT_TESTS)[number]
  | (typeof TRUTH_TESTS)[number]
  | (typeof LIST_TESTS)[number]
  | (typeof PRESENCE_TESTS)[number]

export interface Row {
  field: string
  test: RowTest
  /** Numbers in digits, texts as they are, the name of a list; none for tests that need none. */
  values: string[]
}

export interface Rows {
  joint: Joint
  rows: Row[]
}

function isPresence(test: RowTest): boolean {
  return test === 'known' || test === 'unknown'
}

/** Write rows in the language; optional fields are guarded by has(). */
export function writeRows({ joint, rows }: Rows, fields: ReadonlyMap<string, FieldView>): string {
  const guarded = new Set<string>()
  const written = rows.map((row) => {
    const needsGuard = fields.get(row.field)?.is_optional && !isPresence(row.test)
    if (!needsGuard || (joint === '&&' && guarded.has(row.field))) {
      return atom(row, fields)
    }
    guarded.add(row.field)
    const both = `has(${row.field}) && ${atom(row, fields)}`
    return joint === '||' ? `(${both})` : both
  })
  return written.join(` ${joint} `)
}

function atom({ field, test, values: [first = '', ...more] }: Row, fields: ReadonlyMap<string, FieldView>): string {
  const isNumber = fields.get(field)?.type === 'integer'
  const quoted = (value: string) => (isNumber ? String(Math.trunc(Number(value) || 0)) : JSON.stringify(value))
  switch (test) {
    case 'known':
      return `has(${field})`
    case 'unknown':
      return `!has(${field})`
    case 'isTrue':
      return field
    case 'isFalse':
      return `!${field}`
    case 'in':
      return `${field} in [${[first, ...more].map((value) => quoted(value)).join(', ')}]`
    case 'notIn':
      return `!(${field} in [${[first, ...more].map((value) => quoted(value)).join(', ')}])`
    case 'onList':
      return `${field} in lists.${first}`
    case 'notOnList':
      return `!(${field} in lists.${first})`
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return `${field}.${test}(${JSON.stringify(first)})`
    default:
      return `${field} ${test} ${quoted(first)}`
  }
}

/** Which tests a field can be put to. */
export function testsOf(field: FieldView | undefined): readonly RowTest[] {
  const of = field?.type === 'integer' ? NUMBER_TESTS : field?.type === 'truth' ? TRUTH_TESTS : [...TEXT_TESTS, ...LIST_TESTS]
  return field?.is_optional ? [...of, ...PRESENCE_TESTS] : of
}
