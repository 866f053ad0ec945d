/** What happened to something that staff work on, the newest first, and what colleagues noted about it. */
import { Button, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import type { ActivityView, NoteView } from '@/api/generated'
import { useTellProblem } from '@/lib/problem-text'
import { wordOf } from '@/lib/words'

import styles from './history.module.css'
import { Panel } from './page'
import { type Happening, Timeline } from './timeline'
import { useNames } from './who'

const LONGEST = 2000

/** The happenings may come from several places, each in its own order of time. */
export function History({
  title,
  happenings,
  note,
}: {
  title?: string
  happenings: readonly Happening[]
  /** Keep a note; left out for those who may not. */
  note?: ((words: string) => Promise<unknown>) | false
}): ReactNode {
  const t = useTranslations('queue')
  const label = title ?? t('history')
  // Of what happened at the same instant, what is told last happened last.
  const newestFirst = happenings.toReversed().toSorted((one, other) => other.at.localeCompare(one.at))
  return (
    <Panel title={label}>
      <Timeline label={label} happenings={newestFirst} />
      {note && <Note write={note} />}
    </Panel>
  )
}

/** What was done with a file and noted in it; `words` are the names of the deeds, `others` those of people who are no staff. */
export function useDeeds(
  { activities, notes }: { activities: readonly ActivityView[]; notes: readonly NoteView[] },
  words: Parameters<typeof wordOf>[0],
  others: Readonly<Record<string, string>> = {},
): Happening[] {
  const names = useNames()
  const by = (id: string) => others[id] ?? names(id)
  return [
    ...activities
      .filter(({ kind }) => kind !== 'noted')
      .map(({ kind, actor_id: actor, at, details: { reason } }) => ({
        key: `${kind}${at}`,
        at,
        what: wordOf(words, kind),
        detail: typeof reason === 'string' ? `${by(actor)} · ${reason}` : by(actor),
      })),
    ...notes.map((note) => ({ key: note.id, at: note.written_at, what: note.words, detail: by(note.author_id), tone: 'waiting' as const })),
  ]
}

function Note({ write }: { write: (words: string) => Promise<unknown> }): ReactNode {
  const t = useTranslations('queue')
  const tell = useTellProblem()
  const [words, setWords] = useState('')
  const keep = useMutation({ mutationFn: () => write(words.trim()), onSuccess: () => setWords(''), onError: tell })
  return (
    <form
      className={styles['note']}
      onSubmit={(event) => {
        event.preventDefault()
        keep.mutate()
      }}
    >
      <Textarea size="sm" aria-label={t('note')} placeholder={t('note')} maxLength={LONGEST} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
      <Button type="submit" size="sm" variant="default" disabled={words.trim() === ''} loading={keep.isPending}>
        {t('addNote')}
      </Button>
    </form>
  )
}
