import { ActionIcon, Button, CopyButton, Modal, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import styles from './developers.module.css'

/** A secret that is shown this once; nobody can show it again. */
export function SecretOnce({ secret, close }: { secret: string | null; close: () => void }): ReactNode {
  const t = useTranslations('developers')
  const common = useTranslations('common')
  return (
    <Modal
      opened={secret !== null}
      onClose={close}
      title={t('secretTitle')}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Text mb="md">{t('secretText')}</Text>
      <div className={styles['secret']}>
        <code dir="ltr" data-testid="secret">
          {secret}
        </code>
        <CopyButton value={secret ?? ''}>
          {({ copied, copy }) => (
            <ActionIcon variant="subtle" aria-label={common('copy')} onClick={copy}>
              {copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
            </ActionIcon>
          )}
        </CopyButton>
      </div>
      <Button fullWidth mt="lg" onClick={close}>
        {t('kept')}
      </Button>
    </Modal>
  )
}
