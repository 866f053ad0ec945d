/** What can be done with a review: take it, ask for more, decide; turning a decision around takes a second person. */
import { Checkbox, Select, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { reviewQuery } from '@/api/console-queries'
import {
  askForMoreInIdentityReview,
  claimIdentityReview,
  closeIdentityReview,
  decideIdentityReview,
  type DocumentKind,
  type RejectionReason,
  type ReviewFileView,
} from '@/api/generated'
import { once } from '@/api/intents'
import { useMay } from '@/api/may'
import { meQuery } from '@/api/queries'
import { useReread } from '@/api/reread'
import { type Deed, DeedBar } from '@/components/deed-bar'
import { ReasonDialog } from '@/components/reason-dialog'
import { useTellProblem } from '@/lib/problem-text'

import styles from './review.module.css'

type Asked = 'approve' | 'reject' | 'more' | 'close'
const KINDS = [
  'passport', 'id_card_front', 'id_card_back', 'driving_licence_front', 'driving_licence_back',
  'residence_permit_front', 'residence_permit_back', 'selfie', 'proof_of_address',
] as const satisfies DocumentKind[]
const REASONS = [
  'document_unreadable', 'document_expired', 'document_type_not_supported', 'document_without_photo', 'face_mismatch',
  'selfie_unreadable', 'selfie_manipulated', 'id_number_mismatch', 'country_not_supported', 'contact_unverified',
  'under_age', 'unverified',
] as const satisfies RejectionReason[]

export function Deciding({ file }: { file: ReviewFileView }): ReactNode {
  const t = useTranslations('reviews')
  const may = useMay()
  const { data: me } = useQuery(meQuery)
  const [asked, setAsked] = useState<Asked | null>(null)
  const { review } = file
  const claim = useClaim(review.id)
  if (!may('identity_reviews.decide') || review.state === 'resolved') {
    return null
  }
  const isMine = review.assignee_id === me?.id
  const deeds: Deed[] = isMine
    ? [
        { label: t('askForMore'), hotkey: 'm', does: () => setAsked('more') },
        { label: t('close'), does: () => setAsked('close') },
        { label: t('reject'), hotkey: 'r', does: () => setAsked('reject'), variant: 'light', color: 'red' },
        { label: t('approve'), hotkey: 'a', does: () => setAsked('approve'), variant: 'filled' },
      ]
    : [{ label: t('claim'), hotkey: 'c', does: () => claim.mutate(), variant: 'filled', loading: claim.isPending }]
  const waits = review.override_id !== null
  return (
    <DeedBar label={t('decide')} deeds={waits && isMine ? [] : deeds}>
      <span>
        {waits ? (
          <>
            {t('overrideWaits')}{' '}
            <Link to="/console/approvals" search={{ open: review.override_id ?? undefined }} className={styles['quiet']}>
              {t('seeProposal')}
            </Link>
          </>
        ) : isMine ? (
          t('isYours')
        ) : (
          t('takeFirst')
        )}
      </span>
      {asked === 'more' && <More file={file} close={() => setAsked(null)} />}
      {asked !== null && asked !== 'more' && <Verdict file={file} asked={asked} close={() => setAsked(null)} />}
    </DeedBar>
  )
}

function useShown(reviewId: string): () => Promise<unknown> {
  return useReread(reviewQuery(reviewId).queryKey, ['reviews'])
}

function useClaim(reviewId: string) {
  const tell = useTellProblem()
  return useMutation({
    mutationFn: () => answer(claimIdentityReview({ path: { review_id: reviewId }, headers: once() })),
    onSuccess: useShown(reviewId),
    onError: tell,
  })
}

function Verdict({ file, asked, close }: { file: ReviewFileView; asked: Exclude<Asked, 'more'>; close: () => void }): ReactNode {
  const t = useTranslations('reviews')
  const reasons = useTranslations('reviews.rejections')
  const shown = useShown(file.review.id)
  const [why, setWhy] = useState<RejectionReason>('unverified')
  const { id, version } = file.review
  const run = async (reason: string) => {
    const call = { path: { review_id: id }, headers: once() }
    const decided = await answer(
      asked === 'close'
        ? closeIdentityReview({ ...call, body: { reason, version } })
        : decideIdentityReview({
            ...call,
            body: {
              reason,
              version,
              decision: asked === 'approve' ? 'approved' : 'rejected',
              ...(asked === 'reject' ? { rejection_reason: why } : {}),
            },
          }),
    )
    await shown()
    notifications.show({ message: t(decided.override_id !== null && decided.state !== 'resolved' ? 'overrideProposed' : 'decided') })
  }
  return (
    <ReasonDialog title={t(`${asked}Title`)} text={t(`${asked}Text`)} confirm={t(asked)} dangerous={asked === 'reject'} run={run} close={close}>
      {asked === 'reject' && (
        <Select
          label={t('rejectionReason')}
          allowDeselect={false}
          value={why}
          onChange={(chosen) => setWhy((chosen as RejectionReason | null) ?? 'unverified')}
          data={REASONS.map((value) => ({ value, label: reasons(value) }))}
        />
      )}
    </ReasonDialog>
  )
}

function More({ file, close }: { file: ReviewFileView; close: () => void }): ReactNode {
  const t = useTranslations('reviews')
  const shown = useShown(file.review.id)
  const [missing, setMissing] = useState<string[]>([])
  const [message, setMessage] = useState('')
  const run = async (reason: string) => {
    const body = { missing: missing as DocumentKind[], reason, version: file.review.version, ...(message.trim() ? { message: message.trim() } : {}) }
    await answer(askForMoreInIdentityReview({ path: { review_id: file.review.id }, body, headers: once() }))
    await shown()
  }
  return (
    <ReasonDialog title={t('moreTitle')} text={t('moreText')} confirm={t('askForMore')} run={run} close={close}>
      <Checkbox.Group label={t('missing')} value={missing} onChange={setMissing}>
        <div className={styles['checks']}>
          {KINDS.map((kind) => (
            <Checkbox key={kind} value={kind} label={t(kind)} />
          ))}
        </div>
      </Checkbox.Group>
      <Textarea label={t('message')} description={t('messageText')} maxLength={500} value={message} onChange={(event) => setMessage(event.currentTarget.value)} />
    </ReasonDialog>
  )
}
