/** One review: the documents beside what the person said, whom of the lists they may be, and the decision. */
import { SegmentedControl, Skeleton } from '@mantine/core'
import { IconFile } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { reviewQuery } from '@/api/console-queries'
import type { ReviewFileView } from '@/api/generated'
import { useMay } from '@/api/may'
import { Due } from '@/components/due'
import { Page, Panel } from '@/components/page'
import { PersonLink } from '@/components/person-link'
import { EmptyState, ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'

import { Deciding } from './deciding'
import { Said, Verifications } from './facts'
import { ReviewHistory } from './history'
import { Hits } from './hits'
import styles from './review.module.css'
import { Viewer } from './viewer'

export function Review(): ReactNode {
  const { reviewId } = useParams({ from: '/console/reviews/$reviewId' })
  const t = useTranslations('reviews')
  const { data: file, error, refetch } = useQuery(reviewQuery(reviewId))
  const back = { to: '/console/reviews', label: t('title') } as const
  if (!file) {
    return (
      <Page title={t('review')} heading={error ? t('review') : <Skeleton h={30} w={220} />} back={back} wide>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Skeleton h={360} radius="lg" />}
      </Page>
    )
  }
  const { review } = file
  return (
    <Page
      title={t('reviewOf', { name: file.profile?.full_name ?? t('somebody') })}
      heading={<PersonLink id={review.user_id} name={file.profile?.full_name ?? t('somebody')} />}
      back={back}
      wide
      actions={
        <span className={styles['tags']}>
          {review.causes.map((cause) => (
            <Tag key={cause}>{t(cause)}</Tag>
          ))}
          <Tag tone={review.state === 'resolved' ? 'good' : 'waiting'}>{t(review.outcome ?? review.state)}</Tag>
          {review.state !== 'resolved' && <Due at={review.due_at} />}
        </span>
      }
    >
      <div className={styles['two']}>
        <Documents file={file} />
        <div className={styles['column']}>
          <Said file={file} />
          <Hits file={file} />
          <Verifications file={file} />
          <ReviewHistory file={file} />
        </div>
      </div>
      <Deciding file={file} />
    </Page>
  )
}

function Documents({ file }: { file: ReviewFileView }): ReactNode {
  const t = useTranslations('reviews')
  const may = useMay()
  const [chosen, setChosen] = useState(file.documents[0]?.id)
  const document = file.documents.find(({ id }) => id === chosen) ?? file.documents[0]
  return (
    <Panel title={t('documents')} className={styles['documents']}>
      {!document && <EmptyState icon={<IconFile size={28} />} title={t('noDocumentsTitle')} text={t('noDocumentsText')} />}
      {document && file.documents.length > 1 && (
        <SegmentedControl
          size="sm"
          className={styles['choice'] ?? ''}
          aria-label={t('documents')}
          value={document.id}
          onChange={setChosen}
          data={file.documents.map(({ id, kind }) => ({ value: id, label: t(kind) }))}
        />
      )}
      {document &&
        (may('identity_documents.review') ? (
          <Viewer key={document.id} document={document} />
        ) : (
          <EmptyState icon={<IconFile size={28} />} title={t(document.kind)} text={t('reviewersOnly')} />
        ))}
    </Panel>
  )
}
