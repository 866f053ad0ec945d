import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { ReviewFileView } from '@/api/generated'
import { DetailList } from '@/components/detail-list'
import { Panel } from '@/components/page'
import { Timeline } from '@/components/timeline'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { brandName, wordOf } from '@/lib/words'

import styles from './review.module.css'

/** What the person said, to be read beside their documents. */
export function Said({ file }: { file: ReviewFileView }): ReactNode {
  const t = useTranslations('reviews')
  const { formats } = useLanguage()
  const { profile } = file
  const address = profile?.address
  return (
    <Panel title={t('said')}>
      {profile === null ? (
        <p className={styles['quiet']}>{t('saidNothing')}</p>
      ) : (
        <DetailList
          rows={[
            [t('name'), <bdi key="name">{profile.full_name}</bdi>],
            [t('born'), formatDay(`${profile.date_of_birth}T12:00:00`, formats)],
            [t('address'), address && <bdi key="address">{[address.line1, address.city, address.postal_code, address.country].join(', ')}</bdi>],
            [t('phone'), t(profile.has_proven_phone ? 'phoneProven' : 'phoneUnproven')],
            [t('registered'), formatDay(profile.registered_at, formats)],
          ]}
        />
      )}
    </Panel>
  )
}

/** What the vendor decided each time, and what stands. */
export function Verifications({ file }: { file: ReviewFileView }): ReactNode {
  const t = useTranslations('reviews')
  const states = useTranslations('staff.verifications')
  const reasons = useTranslations('reviews.rejections')
  if (file.verifications.length === 0) {
    return null
  }
  return (
    <Panel title={t('verifications')}>
      <Timeline
        label={t('verifications')}
        happenings={file.verifications.map((each) => ({
          key: each.id,
          at: each.updated_at,
          what: wordOf(states, each.status),
          tone: each.status === 'approved' ? 'good' : each.status === 'rejected' ? 'bad' : 'waiting',
          detail: [
            each.vendor_answer && t('vendorSaid', { vendor: brandName(each.provider), answer: wordOf(states, each.vendor_answer) }),
            each.reason_code && wordOf(reasons, each.reason_code),
            each.contradicted_by && t('contradicted', { answer: wordOf(states, each.contradicted_by) }),
          ]
            .filter(Boolean)
            .join(' · '),
        }))}
      />
    </Panel>
  )
}
