import { Button, Skeleton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { done } from '@/api/client'
import { personSessionsQuery } from '@/api/console-queries'
import { signUserOut } from '@/api/generated'
import { useMay } from '@/api/may'
import { DetailList } from '@/components/detail-list'
import { Ago } from '@/components/due'
import { Panel } from '@/components/page'
import { ReasonDialog } from '@/components/reason-dialog'

import styles from './customer.module.css'

export function Sessions({ userId }: { userId: string }): ReactNode {
  const t = useTranslations('customers')
  const { data } = useQuery(personSessionsQuery(userId))
  const may = useMay()
  const [asking, setAsking] = useState(false)
  const client = useQueryClient()
  const end = async (reason: string) => {
    await done(signUserOut({ path: { user_id: userId }, body: { reason } }))
    await client.invalidateQueries({ queryKey: personSessionsQuery(userId).queryKey })
    notifications.show({ message: t('signedOut') })
  }
  return (
    <Panel title={t('sessions')}>
      {!data && <Skeleton h={32} />}
      {data?.length === 0 && <p className={styles['quiet']}>{t('noSessions')}</p>}
      {data && <DetailList rows={data.map((held) => [held.device, <Ago key={held.id} at={held.last_seen_at} />, held.id])} />}
      {may('sessions.end') && data !== undefined && data.length > 0 && (
        <div className={styles['deeds']}>
          <Button variant="light" color="red" size="sm" onClick={() => setAsking(true)}>
            {t('signOutEverywhere')}
          </Button>
        </div>
      )}
      {asking && (
        <ReasonDialog
          title={t('signOutEverywhere')}
          text={t('signOutText')}
          confirm={t('signOutConfirm')}
          dangerous
          run={end}
          close={() => setAsking(false)}
        />
      )}
    </Panel>
  )
}
