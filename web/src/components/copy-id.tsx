import { ActionIcon, CopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import styles from './copy-id.module.css'

const TAIL = 8

/** An id by its end, which tells ids of one minute apart; the whole of it is one press away. */
export function CopyId({ id, whole = false }: { id: string; whole?: boolean }): ReactNode {
  const t = useTranslations('common')
  return (
    <span className={styles['id']} dir="ltr">
      <code title={id}>{whole || id.length <= TAIL ? id : `…${id.slice(-TAIL)}`}</code>
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
