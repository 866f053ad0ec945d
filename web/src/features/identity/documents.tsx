/** Documents that are handed in here, where no vendor's page takes them: by file or by camera, then submitted. */
import { ActionIcon, Button, FileButton, Modal, Select, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconCamera, IconFileCheck, IconTrash, IconUpload } from '@tabler/icons-react'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer, done } from '@/api/client'
import {
  addIdentityDocument,
  deleteIdentityDocument,
  type DocumentKind,
  type DocumentView,
  listMyIdentityDocuments,
  type StandingOutput,
  submitIdentityVerification,
} from '@/api/generated'
import { once } from '@/api/intents'
import { identityQuery } from '@/api/queries'
import { Camera } from '@/components/camera'
import { Panel } from '@/components/page'
import { formatDay } from '@/lib/dates'
import { inBase64 } from '@/lib/files'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'

import styles from './identity.module.css'

const KINDS = [
  'passport',
  'id_card_front',
  'id_card_back',
  'driving_licence_front',
  'driving_licence_back',
  'residence_permit_front',
  'residence_permit_back',
  'selfie',
  'proof_of_address',
] as const satisfies DocumentKind[]
const ACCEPTED = 'image/jpeg,image/png,image/webp,application/pdf'
const LARGEST_BYTES = 10_000_000
const SHOWN = 50

const documentsQuery = queryOptions({
  queryKey: ['documents'],
  queryFn: async () => (await answer(listMyIdentityDocuments({ query: { limit: SHOWN } }))).data,
})

export function Documents({ standing }: { standing: StandingOutput }): ReactNode {
  const t = useTranslations('documents')
  const { data } = useQuery(documentsQuery)
  const kept = data?.filter(({ erased_at }) => erased_at === null) ?? []
  if (!standing.can_submit && data?.length === 0) {
    return null
  }
  return (
    <Panel title={t('title')}>
      {standing.can_submit && <Wanted standing={standing} />}
      {data && data.length > 0 && (
        <ul className={styles['documents']}>
          {data.map((document) => (
            <Document key={document.id} document={document} canDelete={standing.can_submit} />
          ))}
        </ul>
      )}
      {standing.can_submit && <Add wanted={standing.missing} />}
      {standing.can_submit && <Submit standing={standing} has={kept.length > 0} />}
    </Panel>
  )
}

function Wanted({ standing }: { standing: StandingOutput }): ReactNode {
  const t = useTranslations('documents')
  return (
    <div className={styles['wanted']}>
      {standing.message && (
        <p className={styles['reason']} dir="auto">
          <strong>{t('weSay')}: </strong>
          {standing.message}
        </p>
      )}
      {standing.missing.length > 0 ? (
        <>
          <Text fw={540}>{t('wanted')}</Text>
          <ul>
            {standing.missing.map((kind) => (
              <li key={kind}>{t(`kinds.${kind}`)}</li>
            ))}
          </ul>
        </>
      ) : (
        <Text c="dimmed">{t('text')}</Text>
      )}
    </div>
  )
}

function Document({ document, canDelete }: { document: DocumentView; canDelete: boolean }): ReactNode {
  const t = useTranslations('documents')
  const { formats } = useLanguage()
  const client = useQueryClient()
  const tell = useTellProblem()
  const remove = useMutation({
    mutationFn: () => done(deleteIdentityDocument({ path: { document_id: document.id } })),
    onSuccess: () => client.invalidateQueries({ queryKey: documentsQuery.queryKey }),
    onError: tell,
  })
  const day = formatDay(document.erased_at ?? document.uploaded_at, formats)
  return (
    <li>
      <IconFileCheck size={20} aria-hidden />
      <span>
        {t(`kinds.${document.kind}`)}
        <small>
          {document.erased_because === null
            ? t('until', { day: formatDay(document.keep_until, formats) })
            : t(`erased.${document.erased_because}`, { day })}
        </small>
      </span>
      {canDelete && document.erased_at === null && (
        <ActionIcon
          variant="subtle"
          color="red"
          loading={remove.isPending}
          aria-label={t('remove', { name: t(`kinds.${document.kind}`) })}
          onClick={() => remove.mutate()}
        >
          <IconTrash size={18} />
        </ActionIcon>
      )}
    </li>
  )
}

function Add({ wanted }: { wanted: readonly DocumentKind[] }): ReactNode {
  const t = useTranslations('documents')
  const cameraTexts = useTranslations('camera')
  const common = useTranslations('common')
  const client = useQueryClient()
  const tell = useTellProblem()
  const [kind, setKind] = useState<DocumentKind>(wanted[0] ?? 'passport')
  const [isOpen, setIsOpen] = useState(false)
  const add = useMutation({
    mutationFn: async (file: Blob) =>
      answer(addIdentityDocument({ body: { kind, content: await inBase64(file) }, headers: once() })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: documentsQuery.queryKey })
      notifications.show({ message: t('added', { name: t(`kinds.${kind}`) }) })
    },
    onError: tell,
  })
  const choose = (file: Blob | null) => {
    if (file && file.size > LARGEST_BYTES) {
      notifications.show({ color: 'red', message: t('large') })
    } else if (file) {
      add.mutate(file)
    }
  }
  return (
    <div className={styles['addDocument']}>
      <Select
        label={t('kind')}
        allowDeselect={false}
        value={kind}
        data={KINDS.map((value) => ({ value, label: t(`kinds.${value}`) }))}
        onChange={(chosen) => setKind((chosen ?? kind) as DocumentKind)}
      />
      <div className={styles['ways']}>
        <Button variant="default" leftSection={<IconCamera size={18} />} onClick={() => setIsOpen(true)}>
          {t('photo')}
        </Button>
        <FileButton accept={ACCEPTED} onChange={choose} inputProps={{ 'aria-label': t('file') }}>
          {(button) => (
            <Button {...button} variant="default" leftSection={<IconUpload size={18} />} loading={add.isPending}>
              {t('file')}
            </Button>
          )}
        </FileButton>
      </div>
      <Text size="sm" c="dimmed">
        {t('hint')}
      </Text>
      <Modal
        opened={isOpen}
        onClose={() => setIsOpen(false)}
        title={t(`kinds.${kind}`)}
        size="lg"
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Camera
          facing={kind === 'selfie' ? 'user' : 'environment'}
          taken={(photo) => {
            setIsOpen(false)
            choose(photo)
          }}
          failed={() => {
            setIsOpen(false)
            notifications.show({ color: 'red', message: cameraTexts('failed') })
          }}
        />
      </Modal>
    </div>
  )
}

function Submit({ standing, has }: { standing: StandingOutput; has: boolean }): ReactNode {
  const t = useTranslations('documents')
  const client = useQueryClient()
  const tell = useTellProblem()
  const submit = useMutation({
    mutationFn: () =>
      answer(submitIdentityVerification({ path: { verification_id: standing.verification_id ?? '' } })),
    onSuccess: () => client.invalidateQueries({ queryKey: identityQuery.queryKey }),
    onError: tell,
  })
  return (
    <Button mt="lg" fullWidth disabled={!has} loading={submit.isPending} onClick={() => submit.mutate()}>
      {t('submit')}
    </Button>
  )
}
