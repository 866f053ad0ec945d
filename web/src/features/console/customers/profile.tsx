import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { type MaskedUserOutput, proposeReveal } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { useMay } from '@/api/may'
import { DetailList } from '@/components/detail-list'
import { Panel } from '@/components/page'
import { ReasonDialog } from '@/components/reason-dialog'
import { formatDay, zoneName } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import styles from './customer.module.css'
import { placeOf } from './customers'

/** What staff may see of what somebody said about themselves; the rest takes a second person. */
export function Profile({ person }: { person: MaskedUserOutput }): ReactNode {
  const t = useTranslations('customers')
  const { formats, locale } = useLanguage()
  const may = useMay()
  const { profile } = person
  const languages = new Intl.DisplayNames(locale, { type: 'language' })
  return (
    <Panel title={t('profile')}>
      <DetailList
        rows={[
          [t('email'), <bdi key="email">{person.email}</bdi>],
          [t('phone'), profile?.phone && <bdi key="phone">{profile.phone}</bdi>],
          [t('born'), profile && String(profile.birth_year)],
          [t('place'), placeOf(person)],
          [t('language'), profile && languages.of(profile.locale)],
          [t('timeZone'), profile && zoneName(profile.time_zone)],
          [t('since'), formatDay(person.created_at, formats)],
        ]}
      />
      {may('reveals.propose') && <Reveal userId={person.id} />}
    </Panel>
  )
}

function Reveal({ userId }: { userId: string }): ReactNode {
  const t = useTranslations('customers')
  const [asking, setAsking] = useState(false)
  const intent = useIntent()
  const propose = async (reason: string) => {
    await answer(proposeReveal({ path: { user_id: userId }, body: { reason }, headers: intent.headers() }))
    intent.fulfilled()
    notifications.show({ message: t('revealAsked') })
  }
  return (
    <div className={styles['deeds']}>
      <Button variant="default" size="sm" onClick={() => setAsking(true)}>
        {t('reveal')}
      </Button>
      {asking && (
        <ReasonDialog
          title={t('reveal')}
          text={t('revealText')}
          confirm={t('revealConfirm')}
          run={propose}
          close={() => setAsking(false)}
        />
      )}
    </div>
  )
}
