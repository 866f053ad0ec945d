import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import styles from './undoable.module.css'

/** A piece of news that can be taken back. */
export function Undoable({ text, undo }: { text: string; undo: () => void }): ReactNode {
  const common = useTranslations('common')
  return (
    <span className={styles['undoable']}>
      {text}
      <Button size="xs" variant="light" onClick={undo}>
        {common('undo')}
      </Button>
    </span>
  )
}
