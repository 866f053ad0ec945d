import { Button, PasswordInput, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { done } from '@/api/client'
import { changePassword } from '@/api/generated'
import { Panel } from '@/components/page'
import { Declined, useStepUp } from '@/components/step-up'
import { useTellProblem } from '@/lib/problem-text'

import styles from './security.module.css'

const SHORTEST = 15

export function ChangePassword(): ReactNode {
  const t = useTranslations('security')
  const auth = useTranslations('auth')
  const client = useQueryClient()
  const guarded = useStepUp()
  const tell = useTellProblem()
  const [typed, setTyped] = useState({ password: '', new_password: '' })
  const change = useMutation({
    mutationFn: () => guarded(() => done(changePassword({ body: typed }))),
    onSuccess: () => {
      setTyped({ password: '', new_password: '' })
      void client.invalidateQueries({ queryKey: ['sessions'] })
      notifications.show({ message: t('passwordChanged') })
    },
    onError: (error) => {
      if (!(error instanceof Declined)) {
        tell(error)
      }
    },
  })
  return (
    <Panel title={t('password')}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <Text size="sm" c="dimmed">
          {t('passwordText')}
        </Text>
        <PasswordInput
          label={t('presentPassword')}
          autoComplete="current-password"
          dir="ltr"
          value={typed.password}
          onChange={(event) => setTyped({ ...typed, password: event.currentTarget.value })}
        />
        <PasswordInput
          label={auth('newPassword')}
          autoComplete="new-password"
          dir="ltr"
          value={typed.new_password}
          onChange={(event) => setTyped({ ...typed, new_password: event.currentTarget.value })}
        />
        <Button
          type="submit"
          variant="default"
          loading={change.isPending}
          disabled={typed.password === '' || typed.new_password.length < SHORTEST}
        >
          {t('changePassword')}
        </Button>
      </form>
    </Panel>
  )
}
