import { Switch, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { ApiError } from '@/api/problems'
import { Panel } from '@/components/page'
import { useTellProblem } from '@/lib/problem-text'
import { pushState, switchPushOff, switchPushOn } from '@/lib/push'

const KEY = ['push']

/** Push in this very browser; the person is asked for it here and nowhere else. */
export function PushHere(): ReactNode {
  const t = useTranslations('preferences')
  const client = useQueryClient()
  const tell = useTellProblem()
  const { data: state } = useQuery({ queryKey: KEY, queryFn: pushState })
  const change = useMutation({
    mutationFn: (on: boolean) => (on ? switchPushOn() : switchPushOff()),
    onError: (error) =>
      error instanceof ApiError ? tell(error) : notifications.show({ color: 'red', message: t('pushFailed') }),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  })
  const isSettled = state === 'on' || state === 'off'
  return (
    <Panel>
      <Switch
        label={t('push')}
        description={t('pushText')}
        checked={state === 'on'}
        disabled={!isSettled || change.isPending}
        onChange={(event) => change.mutate(event.currentTarget.checked)}
      />
      {(state === 'unsupported' || state === 'blocked') && (
        <Text c="dimmed" size="sm" mt="sm">
          {t(state)}
        </Text>
      )}
    </Panel>
  )
}
