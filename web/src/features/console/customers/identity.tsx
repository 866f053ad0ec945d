import { Button, Skeleton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { personVerificationsQuery } from '@/api/console-queries'
import { openIdentityReview, requireReverification } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { useMay } from '@/api/may'
import { Panel } from '@/components/page'
import { ReasonDialog } from '@/components/reason-dialog'
import { Timeline } from '@/components/timeline'
import { wordOf } from '@/lib/words'

import styles from './customer.module.css'

/** What became of each time somebody proved who they are, and asking for it once more. */
export function Identity({ userId }: { userId: string }): ReactNode {
  const t = useTranslations('customers')
  const states = useTranslations('staff.verifications')
  const { data } = useQuery(personVerificationsQuery(userId))
  const may = useMay()
  return (
    <Panel title={t('identity')}>
      {!data && <Skeleton h={40} />}
      {data?.length === 0 && <p className={styles['quiet']}>{t('neverVerified')}</p>}
      {data && data.length > 0 && (
        <Timeline
          label={t('identity')}
          happenings={data.map((each) => ({
            key: each.id,
            at: each.updated_at,
            what: wordOf(states, each.status),
            detail: each.reason,
            tone: each.status === 'approved' ? 'good' : each.status === 'rejected' ? 'bad' : 'waiting',
          }))}
        />
      )}
      <div className={styles['deeds']}>
        {may('identity_reviews.decide') && <Review userId={userId} />}
        {may('kyc.require_reverification') && <Anew userId={userId} />}
      </div>
    </Panel>
  )
}

function Review({ userId }: { userId: string }): ReactNode {
  const t = useTranslations('customers')
  const [asking, setAsking] = useState(false)
  const intent = useIntent()
  const navigate = useNavigate()
  const open = async (reason: string) => {
    const review = await answer(openIdentityReview({ body: { user_id: userId, reason }, headers: intent.headers() }))
    intent.fulfilled()
    await navigate({ to: '/console/reviews/$reviewId', params: { reviewId: review.id } })
  }
  return (
    <>
      <Button variant="default" size="sm" onClick={() => setAsking(true)}>
        {t('openReview')}
      </Button>
      {asking && <ReasonDialog title={t('openReview')} confirm={t('openReview')} run={open} close={() => setAsking(false)} />}
    </>
  )
}

function Anew({ userId }: { userId: string }): ReactNode {
  const t = useTranslations('customers')
  const [asking, setAsking] = useState(false)
  const client = useQueryClient()
  const ask = async (reason: string) => {
    await answer(requireReverification({ path: { user_id: userId }, body: { reason } }))
    await client.invalidateQueries({ queryKey: personVerificationsQuery(userId).queryKey })
    notifications.show({ message: t('anewAsked') })
  }
  return (
    <>
      <Button variant="default" size="sm" onClick={() => setAsking(true)}>
        {t('anew')}
      </Button>
      {asking && (
        <ReasonDialog title={t('anew')} text={t('anewText')} confirm={t('anew')} run={ask} close={() => setAsking(false)} />
      )}
    </>
  )
}
