/** Taking factors away, and fresh recovery codes: each asks for a factor first. */
import { ActionIcon, Button, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer, done } from '@/api/client'
import { type FactorsOutput, type PasskeyOutput, removePasskey, removeTotp, replaceRecoveryCodes } from '@/api/generated'
import { factorsQuery } from '@/api/queries'
import { Panel } from '@/components/page'
import { Declined, useStepUp } from '@/components/step-up'
import { useTellProblem } from '@/lib/problem-text'

function useGuarded<T>(act: () => Promise<T>, succeeded: (made: T) => void) {
  const client = useQueryClient()
  const guarded = useStepUp()
  const tell = useTellProblem()
  return useMutation({
    mutationFn: () => guarded(act),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: factorsQuery.queryKey })
      succeeded(made)
    },
    onError: (error) => {
      if (!(error instanceof Declined)) {
        tell(error)
      }
    },
  })
}

export function RemoveApp(): ReactNode {
  const t = useTranslations('security')
  const remove = useGuarded(
    () => done(removeTotp()),
    () => notifications.show({ message: t('appRemoved') }),
  )
  return (
    <Button variant="default" size="sm" loading={remove.isPending} onClick={() => remove.mutate()}>
      {t('removeApp')}
    </Button>
  )
}

export function RemovePasskey({ passkey }: { passkey: PasskeyOutput }): ReactNode {
  const t = useTranslations('security')
  const remove = useGuarded(
    () => done(removePasskey({ path: { passkey_id: passkey.id } })),
    () => notifications.show({ message: t('passkeyRemoved', { name: passkey.name }) }),
  )
  return (
    <ActionIcon
      variant="subtle"
      color="red"
      loading={remove.isPending}
      aria-label={t('removePasskey', { name: passkey.name })}
      onClick={() => remove.mutate()}
    >
      <IconTrash size={18} />
    </ActionIcon>
  )
}

export function Recovery({ factors, given }: { factors: FactorsOutput; given: (codes: readonly string[]) => void }): ReactNode {
  const t = useTranslations('security')
  const replace = useGuarded(
    () => answer(replaceRecoveryCodes()),
    ({ recovery_codes }) => given(recovery_codes),
  )
  return (
    <Panel
      title={t('recovery')}
      aside={
        <Button variant="subtle" size="compact-sm" loading={replace.isPending} onClick={() => replace.mutate()}>
          {t('recoveryNew')}
        </Button>
      }
    >
      <Text c="dimmed">{t('recoveryLeft', { count: factors.recovery_codes_left })}</Text>
    </Panel>
  )
}
