import { Button, FileButton, Skeleton, Text, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDownload, IconFile, IconPaperclip } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { addReceipt, setAnnotation } from '@/api/generated'
import { once } from '@/api/intents'
import { annotationQuery } from '@/api/queries'
import { Panel } from '@/components/page'
import { inBase64 } from '@/lib/files'
import { useTellProblem } from '@/lib/problem-text'

import styles from './activity.module.css'

const LONGEST_NOTE = 500
const LARGEST_BYTES = 750_000
const KILOBYTE = 1_000
const ACCEPTED = 'application/pdf,image/jpeg,image/png,image/webp'

export function Note({ paymentId }: { paymentId: string }): ReactNode {
  const t = useTranslations('payment')
  const common = useTranslations('common')
  const client = useQueryClient()
  const tell = useTellProblem()
  const { queryKey } = annotationQuery(paymentId)
  const { data } = useQuery(annotationQuery(paymentId))
  const [typed, setTyped] = useState<string | null>(null)
  const note = typed ?? data?.note ?? ''
  const save = useMutation({
    mutationFn: () =>
      answer(
        setAnnotation({
          path: { payment_id: paymentId },
          body: { note: note.trim() || null, tags: data?.tags ?? [] },
        }),
      ),
    onSuccess: (saved) => {
      client.setQueryData(queryKey, saved)
      setTyped(null)
      notifications.show({ message: t('noteSaved') })
    },
    onError: tell,
  })
  return (
    <Panel title={t('note')}>
      {data ? (
        <form
          className={styles['noteForm']}
          onSubmit={(event) => {
            event.preventDefault()
            save.mutate()
          }}
        >
          <Textarea
            aria-label={t('note')}
            placeholder={t('notePlaceholder')}
            autosize={false}
            rows={2}
            maxLength={LONGEST_NOTE}
            value={note}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {typed !== null && typed.trim() !== (data.note ?? '') && (
            <Button type="submit" size="sm" loading={save.isPending} style={{ justifySelf: 'end' }}>
              {common('save')}
            </Button>
          )}
        </form>
      ) : (
        <Skeleton h={72} />
      )}
    </Panel>
  )
}

export function Receipts({ paymentId }: { paymentId: string }): ReactNode {
  const t = useTranslations('payment')
  const client = useQueryClient()
  const tell = useTellProblem()
  const { data } = useQuery(annotationQuery(paymentId))
  const add = useMutation({
    mutationFn: async (file: File) =>
      answer(
        addReceipt({
          path: { payment_id: paymentId },
          body: { file_name: file.name, content: await inBase64(file) },
          headers: once(),
        }),
      ),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: annotationQuery(paymentId).queryKey })
      notifications.show({ message: t('receiptAdded') })
    },
    onError: tell,
  })
  const choose = (file: File | null) => {
    if (file && file.size > LARGEST_BYTES) {
      notifications.show({ color: 'red', message: t('receiptLarge', { kilobytes: LARGEST_BYTES / KILOBYTE }) })
    } else if (file) {
      add.mutate(file)
    }
  }
  return (
    <Panel title={t('receipts')}>
      {data !== undefined && data.receipts.length > 0 ? (
        <ul className={styles['receipts']}>
          {data.receipts.map((receipt) => (
            <li key={receipt.id}>
              <a
                href={`/v1/receipts/${receipt.id}`}
                download={receipt.file_name}
                className={styles['receipt']}
                aria-label={t('download', { name: receipt.file_name })}
              >
                <IconFile size={18} aria-hidden />
                <span>{receipt.file_name}</span>
                <IconDownload size={18} aria-hidden />
              </a>
            </li>
          ))}
        </ul>
      ) : (
        <Text c="dimmed" size="sm" mb="md">
          {t('noReceipts')}
        </Text>
      )}
      <FileButton accept={ACCEPTED} onChange={choose} inputProps={{ 'aria-label': t('addReceipt') }}>
        {(button) => (
          <Button {...button} variant="default" size="sm" leftSection={<IconPaperclip size={16} />} loading={add.isPending}>
            {t('addReceipt')}
          </Button>
        )}
      </FileButton>
    </Panel>
  )
}
