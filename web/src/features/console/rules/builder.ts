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

const TOKEN =
  /\s*(?:(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<number>-?\d+)|(?<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(?<symbol>&&|\|\||==|!=|<=|>=|[<>!()[\],]))/y
const METHODS: ReadonlySet<string> = new Set(['contains', 'startsWith', 'endsWith'])
const COMPARISONS: ReadonlySet<string> = new Set(NUMBER_TESTS)

interface Token {
  kind: 'text' | 'number' | 'name' | 'symbol'
  text: string
}

class TooRich extends Error {}

function tokens(source: string): Token[] {
  const found: Token[] = []
  const end = source.trimEnd().length
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < end) {
    const groups = TOKEN.exec(source)?.groups
    const kind = (['text', 'number', 'name', 'symbol'] as const).find((each) => groups?.[each] !== undefined)
    if (kind === undefined) {
      throw new TooRich()
    }
    found.push({ kind, text: groups?.[kind] ?? '' })
  }
  return found
}

/** Read a condition as rows; null where it says more than rows can. */
export function readRows(source: string, fields: ReadonlyMap<string, FieldView>): Rows | null {
  if (source.trim() === '') {
    return { joint: '&&', rows: [] }
  }
  try {
    const reader = new Reader(tokens(source), fields)
    return withoutGuards(reader.whole(), fields)
  } catch (error) {
    if (error instanceof TooRich) {
      return null
    }
    throw error
  }
}

/** `has()` before a test of the same optional field is written again by itself. */
function withoutGuards({ joint, rows }: Rows, fields: ReadonlyMap<string, FieldView>): Rows {
  const tested = new Set(rows.filter(({ test }) => test !== 'known').map(({ field }) => field))
  const needed = rows.filter(({ field, test }) => !(joint === '&&' && test === 'known' && tested.has(field)))
  const bare = needed.some(({ field, test }) => fields.get(field)?.is_optional && !isPresence(test))
  // In a chain of `||` a guard belongs to its own row, which only brackets can say.
  if (bare && joint === '||') {
    throw new TooRich()
  }
  return { joint, rows: needed }
}

class Reader {
  private place = 0

  constructor(
    private readonly all: readonly Token[],
    private readonly fields: ReadonlyMap<string, FieldView>,
  ) {}

  whole(): Rows {
    const rows = [this.row()]
    const joint = this.peek('||') ? '||' : '&&'
    while (this.take(joint)) {
      rows.push(this.row())
    }
    if (this.place < this.all.length) {
      throw new TooRich()
    }
    return { joint, rows }
  }

  private row(): Row {
    if (this.take('!')) {
      return this.negated()
    }
    if (this.take('(')) {
      const inner = this.row()
      this.need(')')
      return inner
    }
    const name = this.name()
    if (name === 'has') {
      return { field: this.bracketed(), test: 'known', values: [] }
    }
    const method = name.split('.').at(-1) ?? ''
    if (METHODS.has(method) && this.peek('(')) {
      this.need('(')
      const value = this.text()
      this.need(')')
      return { field: this.known(name.slice(0, -method.length - 1)), test: method as RowTest, values: [value] }
    }
    return this.compared(this.known(name))
  }

  private compared(field: string): Row {
    const next = this.all[this.place]
    if (next?.kind === 'name' && next.text === 'in') {
      this.place += 1
      return this.membership(field)
    }
    if (next?.kind === 'symbol' && COMPARISONS.has(next.text)) {
      this.place += 1
      return { field, test: next.text as RowTest, values: [this.literal()] }
    }
    if (this.fields.get(field)?.type === 'truth') {
      return { field, test: 'isTrue', values: [] }
    }
    throw new TooRich()
  }

  private membership(field: string): Row {
    if (this.all[this.place]?.kind === 'name') {
      const list = this.name()
      if (!list.startsWith('lists.')) {
        throw new TooRich()
      }
      return { field, test: 'onList', values: [list.slice('lists.'.length)] }
    }
    this.need('[')
    const values = [this.literal()]
    while (this.take(',')) {
      values.push(this.literal())
    }
    this.need(']')
    return { field, test: 'in', values }
  }

  private negated(): Row {
    const brackets = this.take('(')
    const row = this.row()
    if (brackets) {
      this.need(')')
    }
    const opposite = OPPOSITES[row.test]
    if (opposite === undefined) {
      throw new TooRich()
    }
    return { ...row, test: opposite }
  }

  private bracketed(): string {
    this.need('(')
    const field = this.known(this.name())
    this.need(')')
    return field
  }

  private known(name: string): string {
    if (!this.fields.has(name)) {
      throw new TooRich()
    }
    return name
  }

  private name(): string {
    const token = this.all[this.place]
    if (token?.kind !== 'name') {
      throw new TooRich()
    }
    this.place += 1
    return token.text
  }

  private text(): string {
    const token = this.all[this.place]
    if (token?.kind !== 'text' || token.text.includes('\\')) {
      throw new TooRich()
    }
    this.place += 1
    return token.text.slice(1, -1)
  }

  private literal(): string {
    const token = this.all[this.place]
    if (token?.kind === 'number') {
      this.place += 1
      return token.text
    }
    return this.text()
  }

  private peek(symbol: string): boolean {
    const token = this.all[this.place]
    return token?.kind === 'symbol' && token.text === symbol
  }

  private take(symbol: string): boolean {
    const is = this.peek(symbol)
    this.place += is ? 1 : 0
    return is
  }

  private need(symbol: string): void {
    if (!this.take(symbol)) {
      throw new TooRich()
    }
  }
}

const OPPOSITES: Partial<Record<RowTest, RowTest>> = { in: 'notIn', onList: 'notOnList', isTrue: 'isFalse', known: 'unknown' }

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
      return `${field} in [${[first, ...more].map(quoted).join(', ')}]`
    case 'notIn':
      return `!(${field} in [${[first, ...more].map(quoted).join(', ')}])`
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
