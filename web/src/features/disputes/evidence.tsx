import { ActionIcon, Button, FileButton, Select, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDownload, IconFile, IconTrash, IconUpload } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { disputeQuery } from '@/api/disputes'
import {
  type CardwrightDisputesSchemasCaseView as CaseView,
  type FileKind,
  putDisputeFile,
  removeDisputeFile,
} from '@/api/generated'
import { Panel } from '@/components/page'
import { inBase64 } from '@/lib/files'
import { useTellProblem } from '@/lib/problem-text'

import styles from './disputes.module.css'
import { FILES } from './reasons'

const LARGEST_BYTES = 5_000_000
const ACCEPTED = 'application/pdf,image/jpeg,image/png'

export function Evidence({ dispute }: { dispute: CaseView }): ReactNode {
  const t = useTranslations('disputes')
  const isDraft = dispute.state === 'draft'
  return (
    <Panel title={t('evidence')}>
      {dispute.files.length === 0 && (
        <Text c="dimmed" size="sm">
          {t(isDraft ? 'evidenceText' : 'noEvidence')}
        </Text>
      )}
      {dispute.files.length > 0 && (
        <ul className={styles['files']}>
          {dispute.files.map((file) => (
            <li key={file.kind}>
              <IconFile size={18} aria-hidden />
              <span>{t(`files.${file.kind}`)}</span>
              <ActionIcon
                component="a"
                variant="subtle"
                href={`/v1/disputes/${dispute.id}/files/${file.kind}`}
                download
                aria-label={t('download', { name: t(`files.${file.kind}`) })}
              >
                <IconDownload size={18} />
              </ActionIcon>
              {isDraft && <Remove dispute={dispute} kind={file.kind} />}
            </li>
          ))}
        </ul>
      )}
      {isDraft && <Add dispute={dispute} />}
    </Panel>
  )
}

function Remove({ dispute, kind }: { dispute: CaseView; kind: FileKind }): ReactNode {
  const t = useTranslations('disputes')
  const client = useQueryClient()
  const tell = useTellProblem()
  const remove = useMutation({
    mutationFn: () => answer(removeDisputeFile({ path: { dispute_id: dispute.id, file_kind: kind } })),
    onSuccess: (changed) => client.setQueryData(disputeQuery(dispute.id).queryKey, changed),
    onError: tell,
  })
  return (
    <ActionIcon
      variant="subtle"
      color="red"
      loading={remove.isPending}
      aria-label={t('remove', { name: t(`files.${kind}`) })}
      onClick={() => remove.mutate()}
    >
      <IconTrash size={18} />
    </ActionIcon>
  )
}

function Add({ dispute }: { dispute: CaseView }): ReactNode {
  const t = useTranslations('disputes')
  const client = useQueryClient()
  const tell = useTellProblem()
  const [kind, setKind] = useState<FileKind>('documentation')
  const add = useMutation({
    mutationFn: async (file: File) =>
      answer(
        putDisputeFile({ path: { dispute_id: dispute.id, file_kind: kind }, body: { content: await inBase64(file) } }),
      ),
    onSuccess: (changed) => {
      client.setQueryData(disputeQuery(dispute.id).queryKey, changed)
      notifications.show({ message: t('fileAdded') })
    },
    onError: tell,
  })
  const choose = (file: File | null) => {
    if (file && file.size > LARGEST_BYTES) {
      notifications.show({ color: 'red', message: t('fileLarge') })
    } else if (file) {
      add.mutate(file)
    }
  }
  return (
    <div className={styles['add']}>
      <Select
        label={t('fileKind')}
        allowDeselect={false}
        value={kind}
        data={FILES.map((value) => ({ value, label: t(`files.${value}`) }))}
        onChange={(chosen) => setKind((chosen ?? 'documentation') as FileKind)}
      />
      <FileButton accept={ACCEPTED} onChange={choose} inputProps={{ 'aria-label': t('addFile') }}>
        {(button) => (
          <Button {...button} variant="default" leftSection={<IconUpload size={18} />} loading={add.isPending}>
            {t('addFile')}
          </Button>
        )}
      </FileButton>
    </div>
  )
}
