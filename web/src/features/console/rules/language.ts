/** The rule language for CodeMirror: colours, completion from the catalogue, faults as the server finds them. */
import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, linter } from '@codemirror/lint'
import type { Extension, Text } from '@codemirror/state'
import { tags } from '@lezer/highlight'

import type { CardwrightRulesSchemasCheckView as CheckView, DiagnosticView, FieldView } from '@/api/generated'

const TYPING_MS = 300
const FUNCTIONS = ['startsWith', 'endsWith', 'contains', 'matches'] as const

/** What a token looks like, from its first letter on; the first that fits counts. Names are one token with their dots. */
const TOKENS: readonly (readonly [RegExp, string | null])[] = [
  [/^\/\/.*/, 'comment'],
  [/^[rR]?(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)/, 'string'],
  [/^\d+/, 'number'],
  [/^(?:true|false|in|has)\b/, 'keyword'],
  [/^\.?(?:startsWith|endsWith|contains|matches|size)(?=\s*\()/, 'function'],
  [/^lists\.\w*/, 'typeName'],
  [/^[A-Za-z_]\w*(?:\.(?!(?:startsWith|endsWith|contains|matches)\s*\()[A-Za-z_]\w*)*/, 'variableName'],
  [/^(?:&&|\|\||[=!<>]=|[<>!+\-*/%?:])/, 'operator'],
]

const language = StreamLanguage.define<null>({
  name: 'rules',
  startState: () => null,
  token: (stream) => {
    if (stream.eatSpace()) {
      return null
    }
    const found = TOKENS.find(([look]) => stream.match(look) !== null)
    if (!found) {
      stream.next()
    }
    return found?.[1] ?? null
  },
  tokenTable: { function: tags.function(tags.variableName) },
  languageData: { commentTokens: { line: '//' }, closeBrackets: { brackets: ['(', '[', '"', "'"] } },
})

/** In the colours of the app, which follow light and dark. */
const highlight = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--cw-dim)', fontStyle: 'italic' },
  { tag: tags.string, color: 'var(--cw-hue-amber)' },
  { tag: tags.number, color: 'var(--cw-hue-violet)' },
  { tag: tags.keyword, color: 'var(--cw-hue-rose)', fontWeight: '600' },
  { tag: tags.function(tags.variableName), color: 'var(--cw-hue-sky)' },
  { tag: tags.typeName, color: 'var(--cw-hue-teal)' },
  { tag: tags.variableName, color: 'var(--cw-accent-strong)' },
  { tag: tags.operator, color: 'var(--cw-text)', fontWeight: '600' },
])

export interface Known {
  fields: readonly FieldView[]
  lists: readonly { name: string; description: string }[]
}

export function ruleLanguage(known: () => Known, check: (when: string) => Promise<CheckView>, replace: string): Extension {
  return [
    language,
    syntaxHighlighting(highlight),
    autocompletion({ override: [(context) => complete(context, known())], icons: false, maxRenderedOptions: 60 }),
    linter(
      async ({ state }) => {
        const when = state.doc.toString()
        if (when.trim() === '') {
          return []
        }
        const { diagnostics } = await check(when)
        return diagnostics.map((fault) => shown(fault, state.doc, replace))
      },
      { delay: TYPING_MS },
    ),
  ]
}

function shown(fault: DiagnosticView, document: Text, replace: string): Diagnostic {
  const { from, to } = stretchOf(fault, document)
  const { suggestion } = fault
  return {
    from,
    to,
    severity: 'error',
    message: fault.message,
    actions:
      suggestion === null
        ? []
        : [
            {
              name: `${replace} ${suggestion}`,
              apply: (view, start, end) => view.dispatch({ changes: { from: start, to: end, insert: suggestion } }),
            },
          ],
  }
}

/** Where a fault is: from its line and column, as long as the carets under its excerpt are. */
export function stretchOf(fault: DiagnosticView, document: Text): { from: number; to: number } {
  const line = document.line(Math.min(Math.max(fault.line, 1), document.lines))
  const from = Math.min(line.from + fault.column - 1, line.to)
  const carets = fault.excerpt.split('\n').at(-1)?.match(/\^+/)?.[0].length ?? 1
  return { from, to: Math.min(from + Math.max(carets, 1), line.to) }
}

function complete(context: CompletionContext, known: Known): CompletionResult | null {
  const text = context.matchBefore(/["'][^"']*$/)
  if (text) {
    return textsFor(context, known, text.from)
  }
  const word = context.matchBefore(/[\w.]+$/)
  if (!word && !context.explicit) {
    return null
  }
  const from = word?.from ?? context.pos
  const method = word?.text.match(/^(?<field>.+)\.(?<part>\w*)$/)?.groups
  const of = known.fields.find(({ name }) => name === method?.['field'])
  if (of?.type === 'text') {
    return { from: from + of.name.length + 1, options: FUNCTIONS.map((name) => asFunction(name)), validFor: /^\w*$/ }
  }
  const options: Completion[] = [
    ...known.fields.map((field) => asField(field)),
    ...known.lists.map(({ name, description }) => ({ label: `lists.${name}`, detail: '[]', info: description })),
    { label: 'has', apply: 'has(', detail: 'has(field)' },
    { label: 'in' },
    { label: 'true' },
    { label: 'false' },
  ]
  return { from, options, validFor: /^[\w.]*$/ }
}

function asField(field: FieldView): Completion {
  return {
    label: field.name,
    detail: field.unit ?? field.type,
    info: field.is_optional ? `${field.sentence} has(${field.name})` : field.sentence,
    boost: field.name.startsWith('velocity.') ? -1 : 1,
  }
}

function asFunction(label: string): Completion {
  return { label, apply: `${label}("` }
}

/** Within quotes: the words that the field before them can hold. */
function textsFor(context: CompletionContext, known: Known, from: number): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos)
  const before = line.text.slice(0, from - line.from)
  const name = /(?<name>[\w.]+)\s*(?:==|!=|in\s*\[(?:[^\]]*))\s*$/.exec(before)?.groups?.['name']
  const words = known.fields.find((field) => field.name === name)?.words ?? []
  return words.length === 0 ? null : { from: from + 1, options: words.map((label) => ({ label })), validFor: /^\w*$/ }
}
