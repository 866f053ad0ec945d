import { Button, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { reviewQuery } from '@/api/console-queries'
import { noteIdentityReview, type ReviewFileView } from '@/api/generated'
import { once } from '@/api/intents'
import { useMay } from '@/api/may'
import { meQuery } from '@/api/queries'
import { Panel } from '@/components/page'
import { Timeline } from '@/components/timeline'
import { useTellProblem } from '@/lib/problem-text'
import { wordOf } from '@/lib/words'

import styles from './review.module.css'

export function History({ file }: { file: ReviewFileView }): ReactNode {
  const t = useTranslations('reviews')
  const deeds = useTranslations('reviews.deeds')
  const may = useMay()
  const { data: me } = useQuery(meQuery)
  const by = (id: string) => (id === me?.id ? t('you') : id === 'system' ? t('system') : `…${id.slice(-8)}`)
  const happenings = [
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
    <Panel title={t('history')}>
      <Timeline label={t('history')} happenings={happenings} />
      {may('identity_reviews.decide') && file.review.state !== 'resolved' && <Note reviewId={file.review.id} />}
    </Panel>
  )
}

function Note({ reviewId }: { reviewId: string }): ReactNode {
  const t = useTranslations('reviews')
  const client = useQueryClient()
  const tell = useTellProblem()
  const [words, setWords] = useState('')
  const write = useMutation({
    mutationFn: () => answer(noteIdentityReview({ path: { review_id: reviewId }, body: { words: words.trim() }, headers: once() })),
    onSuccess: () => {
      setWords('')
      return client.invalidateQueries({ queryKey: reviewQuery(reviewId).queryKey })
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
