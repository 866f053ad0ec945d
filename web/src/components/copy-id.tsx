import { ActionIcon, CopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { tailOf } from '@/lib/ids'

import styles from './copy-id.module.css'

/** An id by its end, or by the name of whom it means; the whole of it is one press away. */
export function CopyId({ id, whole = false, name }: { id: string; whole?: boolean; name?: string | undefined }): ReactNode {
  const t = useTranslations('common')
  return (
    <span className={styles['id']} dir={name === undefined ? 'ltr' : undefined}>
      {name === undefined ? <code title={id}>{whole ? id : tailOf(id)}</code> : <bdi title={id}>{name}</bdi>}
      <CopyButton value={id}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t('copied') : t('copy')}>
            <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={`${copied ? t('copied') : t('copy')} ${id}`}>
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </span>
  )
}
