import { Button, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { caseQuery } from '@/api/console-queries'
import { type CardwrightCasesSchemasFileView as FileView, type EvidenceView, noteCase } from '@/api/generated'
import { once } from '@/api/intents'
import { useMay } from '@/api/may'
import { meQuery } from '@/api/queries'
import { Panel } from '@/components/page'
import { type Happening, Timeline } from '@/components/timeline'
import { useLanguage } from '@/lib/i18n'
import { formatMoney } from '@/lib/money'
import { useTellProblem } from '@/lib/problem-text'
import { wordOf } from '@/lib/words'

import styles from './cases.module.css'

/** What happened to the payment and in the case, in one line of time, the newest first. */
export function History({ file, evidence }: { file: FileView; evidence: EvidenceView | undefined }): ReactNode {
  const t = useTranslations('cases')
  const deeds = useTranslations('cases.deeds')
  const elements = useTranslations('cases.elements')
  const { formats } = useLanguage()
  const may = useMay()
  const { data: me } = useQuery(meQuery)
  const by = (id: string) =>
    id === me?.id ? t('you') : id === 'system' ? t('system') : id === file.case.user_id ? t('holder') : `…${id.slice(-8)}`
  const happenings: Happening[] = [
    ...(evidence?.elements ?? []).map((each) => ({
      key: `element${each.sequence}`,
      at: each.occurred_at,
      what: wordOf(elements, each.kind),
      detail: formatMoney(each.amount, file.case.currency, formats),
      tone: each.approved ? ('good' as const) : ('bad' as const),
    })),
    ...file.activities
      .filter(({ kind }) => kind !== 'noted')
      .map(({ kind, actor_id: actor, at, details }) => ({
        key: `${kind}${at}`,
        at,
        what: wordOf(deeds, kind),
        detail: [by(actor), typeof details['reason'] === 'string' ? details['reason'] : null].filter(Boolean).join(' · '),
      })),
    ...file.notes.map((note) => ({ key: note.id, at: note.written_at, what: note.words, detail: by(note.author_id), tone: 'waiting' as const })),
  ].toSorted((a, b) => b.at.localeCompare(a.at))
  return (
    <Panel title={t('timeline')}>
      <Timeline label={t('timeline')} happenings={happenings} />
      {may('cases.write') && <Note caseId={file.case.id} />}
    </Panel>
  )
}

function Note({ caseId }: { caseId: string }): ReactNode {
  const t = useTranslations('cases')
  const client = useQueryClient()
  const tell = useTellProblem()
  const [words, setWords] = useState('')
  const write = useMutation({
    mutationFn: () => answer(noteCase({ path: { case_id: caseId }, body: { words: words.trim() }, headers: once() })),
    onSuccess: () => {
      setWords('')
      return client.invalidateQueries({ queryKey: caseQuery(caseId).queryKey })
    },
    onError: tell,
  })
  return (
    <form
      className={styles['note']}
      onSubmit={(event) => {
        event.preventDefault()
        write.mutate()
      }}
    >
      <Textarea size="sm" aria-label={t('note')} placeholder={t('note')} maxLength={2000} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
      <Button type="submit" size="sm" variant="default" disabled={words.trim() === ''} loading={write.isPending}>
        {t('addNote')}
      </Button>
    </form>
  )
}
