import { Button, Modal, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconFingerprint } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import type { FactorsOutput } from '@/api/generated'
import { factorsQuery } from '@/api/queries'
import { Panel } from '@/components/page'
import { Declined, useStepUp } from '@/components/step-up'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { makePasskey } from '@/lib/passkeys'
import { useTellProblem } from '@/lib/problem-text'

import { RemovePasskey } from './removing'
import styles from './security.module.css'

const LONGEST_NAME = 60

/** The passkeys somebody has, and making one; `given` is told the recovery codes that come with the first factor. */
export function Passkeys({ factors, given }: { factors: FactorsOutput; given: (codes: readonly string[]) => void }): ReactNode {
  const t = useTranslations('security')
  const { formats } = useLanguage()
  const client = useQueryClient()
  const guarded = useStepUp()
  const tell = useTellProblem()
  const [name, setName] = useState('')
  const add = useMutation({
    mutationFn: () => guarded(() => makePasskey(name.trim())),
    onSuccess: ({ recovery_codes }) => {
      setName('')
      given(recovery_codes)
      notifications.show({ message: t('passkeyAdded') })
      void client.invalidateQueries({ queryKey: factorsQuery.queryKey })
    },
    onError: (error) => {
      if (!(error instanceof Declined)) {
        tell(error)
      }
    },
  })
  return (
    <Panel>
      <div className={styles['factor']}>
        <span className={styles['icon']} aria-hidden>
          <IconFingerprint size={22} />
        </span>
        <div className={styles['words']}>
          <h2>{t('passkeys')}</h2>
          <p>{t('passkeysText')}</p>
        </div>
      </div>
      <ul className={styles['passkeys']}>
        {factors.passkeys.map((passkey) => (
          <li key={passkey.id}>
            <span>{passkey.name}</span>
            {passkey.last_used_at && <small>{t('lastUsed', { day: formatDay(passkey.last_used_at, formats) })}</small>}
            <RemovePasskey passkey={passkey} />
          </li>
        ))}
      </ul>
      <form
        className={styles['add']}
        onSubmit={(event) => {
          event.preventDefault()
          add.mutate()
        }}
      >
        <TextInput
          label={t('passkeyName')}
          maxLength={LONGEST_NAME}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={add.isPending} disabled={name.trim() === ''}>
          {t('addPasskey')}
        </Button>
      </form>
    </Panel>
  )
}

/** Codes that are shown this once. */
export function RecoveryCodes({ codes, close }: { codes: readonly string[]; close: () => void }): ReactNode {
  const t = useTranslations('security')
  return (
    <Modal
      opened={codes.length > 0}
      onClose={close}
      title={t('recoveryTitle')}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Text mb="md">{t('recoveryText')}</Text>
      <ol className={styles['codes']} dir="ltr">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <Button fullWidth mt="lg" onClick={close}>
        {t('kept')}
      </Button>
    </Modal>
  )
}
