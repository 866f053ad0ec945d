import { Text } from '@mantine/core'
import type { ReactNode } from 'react'

import styles from './money.module.css'

/** How money on its way stands, in one view. */
export function Told({
  mark,
  title,
  text,
  tone = 'good',
  children,
}: {
  mark: ReactNode
  title: string
  text: string
  tone?: 'good' | 'bad'
  children?: ReactNode
}): ReactNode {
  return (
    <>
      <span className={styles['mark']} data-tone={tone} aria-hidden>
        {mark}
      </span>
      <h2>{title}</h2>
      <Text c="dimmed" maw="26rem">
        {text}
      </Text>
      {children}
    </>
  )
}
