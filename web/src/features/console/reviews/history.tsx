import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { reviewQuery } from '@/api/console-queries'
import { noteIdentityReview, type ReviewFileView } from '@/api/generated'
import { once } from '@/api/intents'
import { useMay } from '@/api/may'
import { useReread } from '@/api/reread'
import { History, useDeeds } from '@/components/history'

export function ReviewHistory({ file }: { file: ReviewFileView }): ReactNode {
  const may = useMay()
  const { id, state } = file.review
  const reread = useReread(reviewQuery(id).queryKey)
  const deeds = useDeeds(file, useTranslations('reviews.deeds'))
  const note = async (words: string) => {
    await answer(noteIdentityReview({ path: { review_id: id }, body: { words }, headers: once() }))
    await reread()
  }
  return <History happenings={deeds} note={may('identity_reviews.decide') && state !== 'resolved' && note} />
}
