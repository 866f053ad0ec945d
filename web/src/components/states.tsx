/** What a page shows where there is nothing, not yet, not for you, or where something failed. */
import { Button, Skeleton, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconCompass, IconLock } from '@tabler/icons-react'
import { type ErrorComponentProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { ApiError } from '@/api/problems'
import { ButtonLink } from './button-link'
import { useProblemText } from '@/lib/problem-text'

import styles from './states.module.css'

interface Said {
  icon: ReactNode
  title: string
  text: string
  action?: ReactNode
}

export function EmptyState({ icon, title, text, action }: Said): ReactNode {
  return (
    <div className={styles['state']}>
      <div className={styles['icon']} aria-hidden>
        {icon}
      </div>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed" maw="26rem">
        {text}
      </Text>
      {action}
    </div>
  )
}

/** A failure in plain words: what is not yours, what is not there, or what may be tried again. */
export function ErrorState({ error, retry }: { error: unknown; retry?: (() => void) | undefined }): ReactNode {
  const t = useTranslations('common')
  const text = useProblemText()
  if (error instanceof ApiError && (error.status === 403 || error.status === 404)) {
    return <EmptyState icon={<IconLock size={28} />} title={t('deniedTitle')} text={t('deniedText')} />
  }
  return (
    <div role="alert">
      <EmptyState
        icon={<IconAlertTriangle size={28} />}
        title={t('failedTitle')}
        text={text(error)}
        action={
          retry && (
            <Button variant="default" onClick={retry}>
              {t('retry')}
            </Button>
          )
        }
      />
    </div>
  )
}

export function Failed({ error, reset }: ErrorComponentProps): ReactNode {
  return <ErrorState error={error} retry={reset} />
}

export function Missing(): ReactNode {
  const t = useTranslations('common')
  return (
    <main className={styles['missing']}>
      <EmptyState
        icon={<IconCompass size={28} />}
        title={t('missingTitle')}
        text={t('missingText')}
        action={
          <ButtonLink to="/" variant="default">
            {t('goHome')}
          </ButtonLink>
        }
      />
    </main>
  )
}

/** Lines in the shape of a list that is on its way: it takes the room that the list will take. */
export function ListSkeleton({ rows }: { rows: number }): ReactNode {
  const t = useTranslations('common')
  return (
    <div role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles['row']}>
          <Skeleton circle h={40} w={40} />
          <div className={styles['lines']}>
            <Skeleton h={12} w="38%" />
            <Skeleton h={10} w="22%" />
          </div>
          <Skeleton h={12} w={64} />
        </div>
      ))}
    </div>
  )
}
