import { Button, Skeleton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { acceptDifference, type DifferenceDetailView, explainDifference, getDifference, proposeDifferenceEntry, repairDifference } from '@/api/generated'
import { once, useIntent } from '@/api/intents'
import { useMay } from '@/api/may'
import { ApprovalLink } from '@/components/approval-link'
import { CopyId } from '@/components/copy-id'
import { DetailList } from '@/components/detail-list'
import { Money } from '@/components/money'
import { ReasonDialog } from '@/components/reason-dialog'
import { SidePanel } from '@/components/side-panel'
import { ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'
import { Who } from '@/components/who'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { brandName, wordOf } from '@/lib/words'
import { useTellProblem } from '@/lib/problem-text'

import { STATE_TONES } from './differences'
import styles from './reconciliation.module.css'

/** A difference with both sides, and what can be done about it. */
export function DifferencePanel({ id, close }: { id: string; close: () => void }): ReactNode {
  const t = useTranslations('operations')
  const { data, error, refetch } = useQuery({ queryKey: ['reconciliation', 'difference', id], queryFn: () => answer(getDifference({ path: { difference_id: id } })) })
  return (
    <SidePanel title={data ? t(`kinds.${data.kind}`) : t('difference_')} close={close}>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton h={320} />}
      {data && <Detail difference={data} />}
    </SidePanel>
  )
}

function Detail({ difference }: { difference: DifferenceDetailView }): ReactNode {
  const t = useTranslations('operations')
  const records = useTranslations('books.records')
  const approvals = useTranslations('approvals')
  const { formats } = useLanguage()
  return (
    <div className={styles['stack']}>
      <p dir="auto">{difference.explanation}</p>
      <DetailList
        rows={[
          [t('state'), <Tag key="state" tone={STATE_TONES[difference.state]}>{t(`states.${difference.state}`)}</Tag>],
          [t('delta'), <Money key="delta" amount={difference.delta} currency={difference.currency} signed />],
          [t('record'), `${wordOf(records, difference.record)} · ${brandName(difference.source)}`],
          [t('externalId'), <CopyId key="external" id={difference.external_id} />],
          [t('when'), formatMoment(difference.happened_at, formats)],
          [t('firstSeen'), formatMoment(difference.first_seen_at, formats)],
          [t('tries'), difference.tries || null],
          [t('reason'), difference.reason && <bdi key="reason">{difference.reason}</bdi>],
          [approvals('decidedBy'), difference.decided_by && <Who key="who" id={difference.decided_by} />],
          [t('approval'), difference.approval_id && <ApprovalLink key="approval" id={difference.approval_id} />],
        ]}
      />
      <div className={styles['sides']}>
        <Side name={t('theirs')} side={difference.theirs} />
        <Side name={t('ours')} side={difference.ours} />
      </div>
      <Deeds difference={difference} />
    </div>
  )
}

function Side({ name, side }: { name: string; side: Record<string, unknown> | null }): ReactNode {
  const t = useTranslations('operations')
  return (
    <section>
      <h3>{name}</h3>
      {side === null ? <p className={styles['dim']}>{t('nothing')}</p> : <pre>{JSON.stringify(side, null, 2)}</pre>}
    </section>
  )
}

function Deeds({ difference }: { difference: DifferenceDetailView }): ReactNode {
  const t = useTranslations('operations')
  const may = useMay()
  const tell = useTellProblem()
  const client = useQueryClient()
  const { headers, fulfilled } = useIntent()
  const [deed, setDeed] = useState<'explain' | 'accept' | 'entry' | null>(null)
  const refresh = () => client.invalidateQueries({ queryKey: ['reconciliation'] })
  const path = { difference_id: difference.id }
  const repair = useMutation({ mutationFn: () => answer(repairDifference({ path, headers: once() })), onSuccess: refresh, onError: tell })
  const run = async (reason: string) => {
    const call = { path, body: { reason }, headers: headers() }
    await (deed === 'explain' ? answer(explainDifference(call)) : deed === 'accept' ? answer(acceptDifference(call)) : answer(proposeDifferenceEntry(call)))
    fulfilled()
    notifications.show({ message: t(deed === 'entry' ? 'proposed' : 'noted') })
    await refresh()
  }
  if (!may('reconciliation.write') || difference.closed_at !== null) {
    return null
  }
  return (
    <div className={styles['deeds']}>
      {difference.repair === 'converge' && (
        <Button loading={repair.isPending} onClick={() => repair.mutate()}>
          {t('readAnew')}
        </Button>
      )}
      {difference.repair === 'entry' && difference.approval_id === null && <Button onClick={() => setDeed('entry')}>{t('proposeEntry')}</Button>}
      <Button variant="default" onClick={() => setDeed('explain')}>
        {t('explain')}
      </Button>
      <Button variant="default" onClick={() => setDeed('accept')}>
        {t('accept')}
      </Button>
      {deed && <ReasonDialog title={t(`deeds.${deed}`)} confirm={t(`deeds.${deed}`)} run={run} close={() => setDeed(null)} />}
    </div>
  )
}
