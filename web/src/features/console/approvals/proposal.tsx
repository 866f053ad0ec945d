/** One proposal: what would change, who wants it and why, and the second pair of eyes. */
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { approvalQuery } from '@/api/console-queries'
import { type ApprovalDetailOutput, approveProposal, rejectProposal, withdrawProposal } from '@/api/generated'
import { once } from '@/api/intents'
import { useMay } from '@/api/may'
import { meQuery } from '@/api/queries'
import { useReread } from '@/api/reread'
import { CopyId } from '@/components/copy-id'
import { type Deed, DeedBar } from '@/components/deed-bar'
import { DetailList } from '@/components/detail-list'
import { Due } from '@/components/due'
import { History } from '@/components/history'
import { Head, Opened } from '@/components/opened'
import { Panel } from '@/components/page'
import { PersonLink } from '@/components/person-link'
import { ReasonDialog } from '@/components/reason-dialog'
import { Tag } from '@/components/tag'
import { useNames, Who } from '@/components/who'
import { useTellProblem } from '@/lib/problem-text'
import { readable, wordOf } from '@/lib/words'

import styles from './approvals.module.css'
import { TONES } from './tones'

export function Proposal({ approvalId }: { approvalId: string }): ReactNode {
  return (
    <Opened query={useQuery(approvalQuery(approvalId))}>
      {(approval) => (
        <>
          <Wish approval={approval} />
          <Changes approval={approval} />
          <ProposalHistory approval={approval} />
          <Deciding approval={approval} />
        </>
      )}
    </Opened>
  )
}

function Wish({ approval }: { approval: ApprovalDetailOutput }): ReactNode {
  const t = useTranslations('approvals')
  const kinds = useTranslations('approvals.kinds')
  const subject = approval.subject_id
  return (
    <Head
      title={wordOf(kinds, approval.kind.replaceAll('.', '_'))}
      tags={<Tag tone={TONES[approval.state]}>{t(approval.state)}</Tag>}
      facts={[
        [t('proposedBy'), <Who key="by" id={approval.proposed_by} />],
        [t('about'), subject.startsWith('user_') ? <PersonLink key="who" id={subject} /> : <CopyId key="what" id={subject} />],
        [t('expires'), approval.state === 'proposed' && <Due key="due" at={approval.expires_at} />],
        [t('decidedBy'), approval.decided_by && <Who key="decided" id={approval.decided_by} />],
        [t('digest'), <CopyId key="digest" id={approval.payload_digest} />],
      ]}
    >
      <p className={styles['why']}>
        <bdi>{approval.reason}</bdi>
      </p>
    </Head>
  )
}

function ProposalHistory({ approval }: { approval: ApprovalDetailOutput }): ReactNode {
  const t = useTranslations('approvals')
  const names = useNames()
  return (
    <History
      happenings={approval.history.map(({ state, at, actor_id: actor, note }) => ({
        key: `${state}${at}`,
        at,
        what: t(state),
        detail: [names(actor), note].filter(Boolean).join(' · '),
        tone: TONES[state],
      }))}
    />
  )
}

/** The whole of the payload: what is approved is exactly this, and nothing that is left out here. */
function Changes({ approval }: { approval: ApprovalDetailOutput }): ReactNode {
  const t = useTranslations('approvals')
  const roles = useTranslations('staff.roles')
  const entries = Object.entries(approval.payload)
  const isFlat = entries.every(([, value]) => value === null || typeof value !== 'object')
  return (
    <Panel title={t('wouldChange')}>
      {entries.length === 0 && <p>{t('noPayload')}</p>}
      {entries.length > 0 && isFlat && <DetailList rows={entries.map(([name, value]) => [readable(name), <bdi key={name}>{name === 'role' ? wordOf(roles, String(value)) : String(value)}</bdi>])} />}
      {!isFlat && <pre className={styles['payload']}>{JSON.stringify(approval.payload, null, 2)}</pre>}
    </Panel>
  )
}

function Deciding({ approval }: { approval: ApprovalDetailOutput }): ReactNode {
  const t = useTranslations('approvals')
  const may = useMay()
  const tell = useTellProblem()
  const { data: me } = useQuery(meQuery)
  const [asked, setAsked] = useState<'approve' | 'reject' | null>(null)
  const path = { approval_id: approval.id }
  const shown = useReread(approvalQuery(approval.id).queryKey, ['approvals'])
  const withdraw = useMutation({
    mutationFn: () => answer(withdrawProposal({ path, headers: once() })),
    onSuccess: shown,
    onError: tell,
  })
  if (approval.state !== 'proposed') {
    return null
  }
  const isOwn = approval.proposed_by === me?.id
  const isAboutMe = approval.subject_id === me?.id
  const decide = async (note: string) => {
    await answer(
      asked === 'approve'
        ? approveProposal({ path, body: note ? { note } : {}, headers: once() })
        : rejectProposal({ path, body: { note }, headers: once() }),
    )
    await shown()
    notifications.show({ message: t(asked === 'approve' ? 'approvedNow' : 'rejectedNow') })
  }
  const deeds: Deed[] = isOwn
    ? [{ label: t('withdraw'), does: () => withdraw.mutate(), loading: withdraw.isPending }]
    : isAboutMe || !may('approvals.decide')
      ? []
      : [
          { label: t('reject'), hotkey: 'r', does: () => setAsked('reject'), variant: 'light', color: 'red' },
          { label: t('approve'), hotkey: 'a', does: () => setAsked('approve'), variant: 'filled' },
        ]
  return (
    <DeedBar label={t('decide')} deeds={deeds}>
      <span className={styles['own']}>
        {t(isOwn ? 'ownText' : isAboutMe ? 'aboutYouText' : may('approvals.decide') ? 'decideText' : 'readOnlyText')}
      </span>
      {asked && (
        <ReasonDialog
          title={t(`${asked}Title`)}
          text={t(`${asked}Text`)}
          label={t('note')}
          confirm={t(asked)}
          optional={asked === 'approve'}
          dangerous={asked === 'reject'}
          run={decide}
          close={() => setAsked(null)}
        />
      )}
    </DeedBar>
  )
}
