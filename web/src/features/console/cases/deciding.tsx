/** Taking a case and deciding it, with what follows for the card, the holder and the money. */
import { Select, Switch, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { caseQuery } from '@/api/console-queries'
import {
  type CardEffect,
  type CardwrightCasesSchemasCaseView as CaseView,
  claimCase,
  decideCase,
  type Finding,
  reopenCase,
} from '@/api/generated'
import { once } from '@/api/intents'
import { useMay } from '@/api/may'
import { meQuery } from '@/api/queries'
import { useReread } from '@/api/reread'
import { type Deed, DeedBar } from '@/components/deed-bar'
import { ReasonDialog } from '@/components/reason-dialog'
import { useTellProblem } from '@/lib/problem-text'

import styles from './cases.module.css'

const EFFECTS: Record<Finding, readonly CardEffect[]> = {
  fraud: ['lock', 'replace', 'keep'],
  genuine: ['keep', 'unlock'],
  unclear: ['keep', 'lock', 'unlock'],
}

export function Deciding({ found }: { found: CaseView }): ReactNode {
  const t = useTranslations('cases')
  const may = useMay()
  const { data: me } = useQuery(meQuery)
  const [asked, setAsked] = useState<Finding | 'reopen' | null>(null)
  const claim = useClaim(found.id)
  if (!may('cases.write')) {
    return null
  }
  const isMine = found.assignee_id === me?.id
  const deeds: Deed[] =
    found.state === 'resolved'
      ? [{ label: t('reopen'), does: () => setAsked('reopen') }]
      : isMine
        ? [
            { label: t('findUnclear'), hotkey: 'u', does: () => setAsked('unclear') },
            { label: t('findGenuine'), hotkey: 'g', does: () => setAsked('genuine') },
            { label: t('findFraud'), hotkey: 'f', does: () => setAsked('fraud'), variant: 'light', color: 'red' },
          ]
        : [{ label: t('claim'), hotkey: 'c', does: () => claim.mutate(), variant: 'filled', loading: claim.isPending }]
  return (
    <DeedBar label={t('decide')} deeds={deeds}>
      <span>{t(found.state === 'resolved' ? 'isOver' : isMine ? 'isYours' : 'takeFirst')}</span>
      {asked === 'reopen' && <Reopening found={found} close={() => setAsked(null)} />}
      {asked !== null && asked !== 'reopen' && <Verdict found={found} finding={asked} close={() => setAsked(null)} />}
    </DeedBar>
  )
}

function useShown(caseId: string): () => Promise<unknown> {
  return useReread(caseQuery(caseId).queryKey, ['cases'])
}

function useClaim(caseId: string) {
  const tell = useTellProblem()
  return useMutation({
    mutationFn: () => answer(claimCase({ path: { case_id: caseId }, headers: once() })),
    onSuccess: useShown(caseId),
    onError: tell,
  })
}

function Reopening({ found, close }: { found: CaseView; close: () => void }): ReactNode {
  const t = useTranslations('cases')
  const shown = useShown(found.id)
  const run = async (reason: string) => {
    await answer(reopenCase({ path: { case_id: found.id }, body: { reason, version: found.version }, headers: once() }))
    await shown()
  }
  return <ReasonDialog title={t('reopen')} confirm={t('reopen')} run={run} close={close} />
}

function Verdict({ found, finding, close }: { found: CaseView; finding: Finding; close: () => void }): ReactNode {
  const t = useTranslations('cases')
  const shown = useShown(found.id)
  const [card, setCard] = useState<CardEffect>(EFFECTS[finding][0] ?? 'keep')
  const [isTold, setTold] = useState(finding === 'fraud')
  const [isDisputed, setDisputed] = useState(false)
  const [explanation, setExplanation] = useState('')
  const run = async (reason: string) => {
    const dispute = isDisputed ? { dispute: { explanation: explanation.trim() } } : {}
    const body = { finding, reason, version: found.version, card, notify_holder: isTold, ...dispute }
    await answer(decideCase({ path: { case_id: found.id }, body, headers: once() }))
    await shown()
    notifications.show({ message: t('decided') })
  }
  return (
    <ReasonDialog
      title={t(`${finding}Title`)}
      text={t(`${finding}Text`)}
      confirm={t('decide')}
      dangerous={finding === 'fraud'}
      run={run}
      close={close}
    >
      <div className={styles['effects']}>
        <Select
          label={t('cardEffect')}
          allowDeselect={false}
          value={card}
          onChange={(chosen) => setCard((chosen as CardEffect | null) ?? 'keep')}
          data={EFFECTS[finding].map((value) => ({ value, label: t(`effect_${value}`) }))}
        />
        <Switch label={t('tellHolder')} checked={isTold} onChange={(event) => setTold(event.currentTarget.checked)} />
        {finding === 'fraud' && (
          <Switch label={t('openDispute')} description={t('openDisputeText')} checked={isDisputed} onChange={(event) => setDisputed(event.currentTarget.checked)} />
        )}
        {isDisputed && (
          <Textarea label={t('explanation')} required maxLength={2000} value={explanation} onChange={(event) => setExplanation(event.currentTarget.value)} />
        )}
      </div>
    </ReasonDialog>
  )
}
