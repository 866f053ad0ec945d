/** The editor of a condition: CodeMirror within a shadow root, where its styles are adopted sheets and no elements. */
import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view'
import { type ReactNode, useEffect, useEffectEvent, useRef } from 'react'

import type { CardwrightRulesSchemasCheckView as CheckView } from '@/api/generated'

import { type Known, ruleLanguage } from './language'
import styles from './rules.module.css'

const LOOK = EditorView.theme({
  '&': { fontSize: '0.875rem', color: 'var(--cw-text)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content': { fontFamily: 'var(--cw-font-figures)', padding: '0.75rem 0', minHeight: '7.5rem', caretColor: 'var(--cw-text)' },
  '.cm-line': { padding: '0 0.875rem', lineHeight: '1.7' },
  '.cm-cursor': { borderLeftColor: 'var(--cw-text)' },
  '.cm-placeholder': { color: 'var(--cw-dim)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--cw-accent-soft)',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { background: 'var(--cw-accent-soft)', outline: 'none' },
  '.cm-tooltip': {
    border: '1px solid var(--cw-line)',
    borderRadius: '0.625rem',
    background: 'var(--cw-surface)',
    color: 'var(--cw-text)',
    boxShadow: '0 12px 32px -12px rgb(0 0 0 / 35%)',
    overflow: 'hidden',
    fontFamily: 'var(--cw-font)',
    zIndex: '80',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--cw-font-figures)', maxHeight: '18rem', fontSize: '0.8125rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.3125rem 0.75rem', display: 'flex', gap: '1rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    background: 'var(--cw-accent-soft)',
    color: 'var(--cw-accent-strong)',
  },
  '.cm-completionDetail': { marginInlineStart: 'auto', fontStyle: 'normal', color: 'var(--cw-dim)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionInfo': { padding: '0.625rem 0.75rem', maxWidth: '20rem', fontSize: '0.8125rem', whiteSpace: 'normal' },
  '.cm-diagnostic': { padding: '0.5rem 0.75rem', borderInlineStart: '3px solid var(--cw-negative)', fontSize: '0.8125rem' },
  '.cm-diagnosticAction': { background: 'var(--cw-accent)', color: 'var(--cw-on-accent)', borderRadius: '0.375rem', padding: '0.125rem 0.5rem' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--cw-negative) 1.5px',
    textUnderlineOffset: '3px',
  },
})

/** Where the browser itself types over a selection it keeps the look in an inline style, which the policy refuses. */
const typeOver = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const isOver = event.inputType === 'insertText' && event.data && !view.state.selection.main.empty && !view.composing
    if (!isOver || /[([{"']/.test(event.data ?? '')) {
      return false
    }
    event.preventDefault()
    view.dispatch(view.state.replaceSelection(event.data ?? ''), { userEvent: 'input.type', scrollIntoView: true })
    return true
  },
})

export default function ConditionEditor({
  label,
  hint,
  replace,
  value,
  known,
  change,
  check,
}: {
  label: string
  hint: string
  /** What the button beside a suggestion says before the suggestion itself. */
  replace: string
  /** What it begins with; afterwards the editor alone knows, so that no late render takes letters back. */
  value: string
  known: Known
  change: (value: string) => void
  check: (when: string) => Promise<CheckView>
}): ReactNode {
  const host = useRef<HTMLDivElement>(null)
  const changed = useEffectEvent(change)
  const checked = useEffectEvent(check)
  const now = useEffectEvent(() => known)
  const first = useEffectEvent(() => value)
  useEffect(() => {
    if (host.current === null) {
      return
    }
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' })
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: first(),
        extensions: [
          LOOK,
          typeOver,
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          placeholder(hint),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, dir: 'ltr', spellcheck: 'false' }),
          EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
          ruleLanguage(() => now(), (when) => checked(when), replace),
        ],
      }),
    })
    return () => made.destroy()
  }, [label, hint, replace])
  return <div ref={host} className={styles['editor']} dir="ltr" />
}
