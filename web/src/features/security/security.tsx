import { Button, Modal, PinInput, Skeleton, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDeviceMobile, IconFingerprint } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { beginTotp, confirmTotp, type FactorsOutput, type NewTotpOutput } from '@/api/generated'
import { factorsQuery } from '@/api/queries'
import { Page, Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { Declined, useStepUp } from '@/components/step-up'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { canUsePasskeys, makePasskey } from '@/lib/passkeys'
import { useTellProblem } from '@/lib/problem-text'

import { ChangePassword } from './password'
import { Recovery, RemoveApp, RemovePasskey } from './removing'
import styles from './security.module.css'
import { AccountActivity, Sessions } from './sessions'

const CODE_LENGTH = 6
const LONGEST_NAME = 60

export function Security(): ReactNode {
  const t = useTranslations('security')
  const { data, error, refetch } = useQuery(factorsQuery)
  const [codes, setCodes] = useState<readonly string[]>([])
  return (
    <Page title={t('title')} narrow>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton h={160} radius="lg" />}
      {data && <AuthenticatorApp factors={data} given={setCodes} />}
      {data && canUsePasskeys() && <Passkeys factors={data} given={setCodes} />}
      {data && (data.totp_confirmed_at !== null || data.passkeys.length > 0) && <Recovery factors={data} given={setCodes} />}
      <ChangePassword />
      <Sessions />
      <AccountActivity />
      <RecoveryCodes codes={codes} close={() => setCodes([])} />
    </Page>
  )
}

type Given = (codes: readonly string[]) => void

function AuthenticatorApp({ factors, given }: { factors: FactorsOutput; given: Given }): ReactNode {
  const t = useTranslations('security')
  const { formats } = useLanguage()
  const guarded = useStepUp()
  const tell = useTellProblem()
  const [made, setMade] = useState<NewTotpOutput | null>(null)
  const begin = useMutation({
    mutationFn: () => guarded(() => answer(beginTotp())),
    onSuccess: setMade,
    onError: (error) => {
      if (error instanceof Declined) {
        notifications.show({ message: t('signInAgain') })
      } else {
        tell(error)
      }
    },
  })
  const isOn = factors.totp_confirmed_at !== null
  return (
    <Panel>
      <div className={styles['factor']}>
        <span className={styles['icon']} aria-hidden>
          <IconDeviceMobile size={22} />
        </span>
        <div className={styles['words']}>
          <h2>{t('app')}</h2>
          <p>{isOn ? t('appOn', { day: formatDay(factors.totp_confirmed_at ?? '', formats) }) : t('appText')}</p>
        </div>
        {isOn && <RemoveApp />}
        {!isOn && !made && (
          <Button loading={begin.isPending} onClick={() => begin.mutate()}>
            {t('setUp')}
          </Button>
        )}
      </div>
      {made && !isOn && <Confirm made={made} given={given} />}
    </Panel>
  )
}

function Confirm({ made, given }: { made: NewTotpOutput; given: Given }): ReactNode {
  const t = useTranslations('security')
  const auth = useTranslations('auth')
  const client = useQueryClient()
  const tell = useTellProblem()
  const [code, setCode] = useState('')
  const confirm = useMutation({
    mutationFn: (whole: string) => answer(confirmTotp({ body: { code: whole } })),
    onSuccess: ({ recovery_codes }) => {
      given(recovery_codes)
      void client.invalidateQueries({ queryKey: factorsQuery.queryKey })
    },
    onError: (error) => {
      setCode('')
      tell(error)
    },
  })
  return (
    <div className={styles['confirm']}>
      <img className={styles['qr']} src={asAddress(made.qr_code)} alt={t('qr')} width={180} height={180} />
      <div className={styles['steps']}>
        <Text fw={540}>{t('scan')}</Text>
        <div>
          <Text size="sm" c="dimmed">
            {t('secret')}
          </Text>
          <bdi dir="ltr" className={styles['secret']}>
            {made.secret}
          </bdi>
        </div>
        <Text>{t('enter')}</Text>
        <PinInput
          length={CODE_LENGTH}
          type="number"
          oneTimeCode
          dir="ltr"
          aria-label={auth('code')}
          value={code}
          onChange={setCode}
          onComplete={(whole) => confirm.mutate(whole)}
        />
      </div>
    </div>
  )
}

function Passkeys({ factors, given }: { factors: FactorsOutput; given: Given }): ReactNode {
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

function RecoveryCodes({ codes, close }: { codes: readonly string[]; close: () => void }): ReactNode {
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

function asAddress(svg: string): string {
  return svg.startsWith('data:') ? svg : `data:image/svg+xml;utf8,${encodeURIComponent(svg)}`
}
