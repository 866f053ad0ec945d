import { Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

import { useProblemText } from '@/lib/problem-text'

import styles from './auth.module.css'

/** The head of a form: the document's title, the heading, a line about it. */
export function FormHead({ title, text }: { title: string; text?: ReactNode }): ReactNode {
  return (
    <>
      <title>{`${title} · Cardwright`}</title>
      <Title order={1} className={styles['title']}>
        {title}
      </Title>
      {text && <Text c="dimmed">{text}</Text>}
    </>
  )
}

/** What the API refused, above the button that may be pressed again. */
export function Refusal({ error }: { error: unknown }): ReactNode {
  const text = useProblemText()
  if (error === null || error === undefined) {
    return null
  }
  return (
    <div role="alert" className={styles['alert']}>
      {text(error)}
    </div>
  )
}
