import { Button, FileButton, Textarea } from '@mantine/core'
import { IconFileText, IconPencil, IconUpload } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { disputeQuery } from '@/api/console-queries'
import { changeDispute, type CardwrightDisputesSchemasCaseView as DisputeCase, putDisputeFile } from '@/api/generated'
import { useMay } from '@/api/may'
import { DetailList } from '@/components/detail-list'
import { Panel } from '@/components/page'
import { ReasonDialog } from '@/components/reason-dialog'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { wordOf } from '@/lib/words'

import styles from './disputes.module.css'

const KIB = 1024

/** What is told and shown of a charge. */
export function Evidence({ dispute }: { dispute: DisputeCase }): ReactNode {
  const t = useTranslations('disputeDesk')
  const members = useTranslations('disputeDesk.members')
  const kinds = useTranslations('disputeDesk.files')
  const { formats, locale } = useLanguage()
  const told = Object.entries(dispute.statement).filter(([, value]) => value !== null)
  const text = (value: unknown) =>
    typeof value === 'boolean'
      ? t(value ? 'yes' : 'no')
      : typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)
        ? formatDay(`${value}T12:00:00`, formats)
        : String(value)
  const list = new Intl.ListFormat(locale, { type: 'conjunction' })
  return (
    <Panel title={t('evidence')}>
      {dispute.missing.length > 0 && (
        <p className={styles['missing']}>{t('missing', { what: list.format(dispute.missing.map((each) => wordOf(members, each))) })}</p>
      )}
      {told.length === 0 && dispute.files.length === 0 && <p className={styles['quiet']}>{t('nothingTold')}</p>}
      <DetailList rows={told.map(([name, value]) => [wordOf(members, name), <bdi key={name}>{text(value)}</bdi>])} />
      {dispute.files.length > 0 && (
        <ul className={styles['files']}>
          {dispute.files.map((file) => (
            <li key={file.kind}>
              <IconFileText size={18} stroke={1.75} aria-hidden />
              <a href={`/v1/disputes/${dispute.id}/files/${file.kind}`} download>
                {kinds(file.kind)}
              </a>
              <small className="figures">{t('kib', { size: Math.max(1, Math.round(file.size_bytes / KIB)) })}</small>
            </li>
          ))}
        </ul>
      )}
      {dispute.state === 'draft' && <Adding dispute={dispute} />}
    </Panel>
  )
}

function Adding({ dispute }: { dispute: DisputeCase }): ReactNode {
  const t = useTranslations('disputeDesk')
  const may = useMay()
  const client = useQueryClient()
  const [file, setFile] = useState<File | null>(null)
  const [isTelling, setTelling] = useState(false)
  const [explanation, setExplanation] = useState(dispute.statement.explanation ?? '')
  if (!may('disputes.write')) {
    return null
  }
  const shown = (changed: DisputeCase) => client.setQueryData(disputeQuery(dispute.id).queryKey, changed)
  const add = async (reason: string) => {
    if (file) {
      const path = { dispute_id: dispute.id, file_kind: 'documentation' as const }
      shown(await answer(putDisputeFile({ path, body: { content: await inBase64(file), staff_reason: reason } })))
    }
  }
  const tell = async (reason: string) => {
    const body = { statement: { ...dispute.statement, explanation: explanation.trim() }, staff_reason: reason }
    shown(await answer(changeDispute({ path: { dispute_id: dispute.id }, body })))
  }
  return (
    <div className={styles['add']}>
      <Button variant="default" size="sm" leftSection={<IconPencil size={16} />} onClick={() => setTelling(true)}>
        {t('tell')}
      </Button>
      <FileButton onChange={setFile} accept="application/pdf,image/png,image/jpeg,image/webp">
        {(props) => (
          <Button {...props} variant="default" size="sm" leftSection={<IconUpload size={16} />}>
            {t('addFile')}
          </Button>
        )}
      </FileButton>
      {file && (
        <ReasonDialog title={t('addFile')} text={<bdi>{file.name}</bdi>} label={t('staffReason')} confirm={t('addFile')} run={add} close={() => setFile(null)} />
      )}
      {isTelling && (
        <ReasonDialog title={t('tell')} label={t('staffReason')} confirm={t('save')} run={tell} close={() => setTelling(false)}>
          <Textarea label={t('explanation')} maxLength={2000} value={explanation} onChange={(event) => setExplanation(event.currentTarget.value)} />
        </ReasonDialog>
      )}
    </div>
  )
}

async function inBase64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  for (const byte of bytes) {
    text += String.fromCodePoint(byte)
  }
  return btoa(text)
}
