/** Reads conditions of the rule language as rows, as far as rows can say them. */
import type { FieldView } from '@/api/generated'

import type { Row, Rows, RowTest } from './builder'

const TOKEN =
  /\s*(?:(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<number>-?\d+)|(?<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(?<symbol>&&|\|\||==|!=|<=|>=|[<>!()[\],]))/y
const METHODS: ReadonlySet<string> = new Set(['contains', 'startsWith', 'endsWith'])
const COMPARISONS: ReadonlySet<string> = new Set<RowTest>(['>', '>=', '<', '<=', '==', '!='])

interface Token {
  kind: 'text' | 'number' | 'name' | 'symbol'
  text: string
}

/** What a condition says that no row can. */
const tooRich = (): Error => new Error(TOO_RICH)
const TOO_RICH = 'more than rows can say'

function tokens(source: string): Token[] {
  const found: Token[] = []
  const end = source.trimEnd().length
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < end) {
    const groups = TOKEN.exec(source)?.groups
    const kind = (['text', 'number', 'name', 'symbol'] as const).find((each) => groups?.[each] !== undefined)
    if (kind === undefined) {
      throw tooRich()
    }
    found.push({ kind, text: groups?.[kind] ?? '' })
  }
  return found
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
      throw tooRich()
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
    throw tooRich()
  }

  private membership(field: string): Row {
    if (this.all[this.place]?.kind === 'name') {
      const list = this.name()
      if (!list.startsWith('lists.')) {
        throw tooRich()
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
      throw tooRich()
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
      throw tooRich()
    }
    return name
  }

  private name(): string {
    const token = this.all[this.place]
    if (token?.kind !== 'name') {
      throw tooRich()
    }
    this.place += 1
    return token.text
  }

  private text(): string {
    const token = this.all[this.place]
    if (token?.kind !== 'text' || token.text.includes('\\')) {
      throw tooRich()
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
      throw tooRich()
    }
  }
}

const OPPOSITES: Partial<Record<RowTest, RowTest>> = { in: 'notIn', onList: 'notOnList', isTrue: 'isFalse', known: 'unknown' }

/** Read a condition as rows; null where it says more than rows can. */
export function readRows(source: string, fields: ReadonlyMap<string, FieldView>): Rows | null {
  if (source.trim() === '') {
    return { joint: '&&', rows: [] }
  }
  try {
    const reader = new Reader(tokens(source), fields)
    return withoutGuards(reader.whole(), fields)
  } catch (error) {
    if (error instanceof Error && error.message === TOO_RICH) {
      return null
    }
    throw error
  }
}

/** `has()` before a test of the same optional field is written again by itself. */
function withoutGuards({ joint, rows }: Rows, fields: ReadonlyMap<string, FieldView>): Rows {
  const tested = new Set(rows.filter(({ test }) => test !== 'known').map(({ field }) => field))
  const needed = rows.filter(({ field, test }) => !(joint === '&&' && test === 'known' && tested.has(field)))
  const bare = needed.some(({ field, test }) => fields.get(field)?.is_optional && test !== 'known' && test !== 'unknown')
  // In a chain of `||` a guard belongs to its own row, which only brackets can say.
  if (bare && joint === '||') {
    throw tooRich()
  }
  return { joint, rows: needed }
}
