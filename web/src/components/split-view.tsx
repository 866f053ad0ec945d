import { IconArrowLeft } from '@tabler/icons-react'
import { UnstyledButton } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { EmptyState } from './states'
import styles from './split-view.module.css'

/** A list and what is chosen of it, side by side; one after the other where there is no room for both. */
export function SplitView({
  list,
  detail,
  close,
  nothing,
}: {
  list: ReactNode
  /** What is chosen; null while nothing is. */
  detail: ReactNode | null
  close: () => void
  nothing: { icon: ReactNode; title: string; text: string }
}): ReactNode {
  const t = useTranslations('shared')
  return (
    <div className={styles['split']} data-chosen={detail !== null || undefined}>
      <div className={styles['list']}>{list}</div>
      <div className={styles['detail']}>
        {detail === null ? (
          <div className={styles['nothing']}>
            <EmptyState {...nothing} />
          </div>
        ) : (
          <>
            <UnstyledButton className={styles['back'] ?? ''} onClick={close}>
              <IconArrowLeft size={16} aria-hidden />
              {t('backToList')}
            </UnstyledButton>
            {detail}
          </>
        )}
      </div>
    </div>
  )
}
