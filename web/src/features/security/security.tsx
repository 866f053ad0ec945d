import { Button, PinInput, Skeleton, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDeviceMobile } from '@tabler/icons-react'
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
import { canUsePasskeys } from '@/lib/passkeys'
import { useTellProblem } from '@/lib/problem-text'

import { Passkeys, RecoveryCodes } from './passkeys'
import { ChangePassword } from './password'
import { Recovery, RemoveApp } from './removing'
import styles from './security.module.css'
import { AccountActivity, Sessions } from './sessions'

const CODE_LENGTH = 6

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

function asAddress(svg: string): string {
  return svg.startsWith('data:') ? svg : `data:image/svg+xml;utf8,${encodeURIComponent(svg)}`
}
