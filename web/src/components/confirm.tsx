import { Button, Modal, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import styles from './confirm.module.css'

/** Asks before what cannot be undone; whoever presses Enter at once keeps things as they are. */
export function Confirm({
  opened,
  close,
  title,
  text,
  keep,
  go,
  isPending,
  onGo,
}: {
  opened: boolean
  close: () => void
  title: string
  text: string
  keep: string
  go: string
  isPending: boolean
  onGo: () => void
}): ReactNode {
  const common = useTranslations('common')
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': common('close') }}>
      <Text mb="lg">{text}</Text>
      <div className={styles['deeds']}>
        <Button variant="default" onClick={close} data-autofocus>
          {keep}
        </Button>
        <Button variant="light" color="red" loading={isPending} onClick={onGo}>
          {go}
        </Button>
      </div>
    </Modal>
  )
}
