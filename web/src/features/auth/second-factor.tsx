import { Button, PinInput, TextInput, UnstyledButton } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { stepUpWithRecoveryCode, stepUpWithTotp } from '@/api/generated'
import { canUsePasskeys, stepUpByPasskey } from '@/lib/passkeys'

import styles from './auth.module.css'
import { FormHead, Refusal } from './form'

const CODE_LENGTH = 6

/** The second factor of a sign-in: a code, a passkey, or one of the codes for when all else is lost. */
export default function SecondFactor({ entered }: { entered: () => void }): ReactNode {
  const t = useTranslations('auth')
  const [way, setWay] = useState<'totp' | 'recovery'>('totp')
  const [code, setCode] = useState('')
  const send = useMutation({
    mutationFn: (whole: string) =>
      answer(way === 'totp' ? stepUpWithTotp({ body: { code: whole } }) : stepUpWithRecoveryCode({ body: { code: whole } })),
    onSuccess: entered,
    onError: () => setCode(''),
  })
  const byPasskey = useMutation({ mutationFn: stepUpByPasskey, onSuccess: entered })
  return (
    <>
      <FormHead title={t('factorTitle')} text={way === 'totp' ? t('factorText') : undefined} />
      <form
        className={styles['fields']}
        onSubmit={(event) => {
          event.preventDefault()
          send.mutate(code)
        }}
      >
        {way === 'totp' ? (
          <PinInput
            length={CODE_LENGTH}
            type="number"
            size="lg"
            oneTimeCode
            autoFocus
            dir="ltr"
            aria-label={t('code')}
            value={code}
            onChange={setCode}
            onComplete={(whole) => send.mutate(whole)}
          />
        ) : (
          <TextInput
            label={t('recovery')}
            dir="ltr"
            autoComplete="off"
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        )}
        <Refusal error={send.error ?? byPasskey.error} />
        <Button type="submit" loading={send.isPending} disabled={code === ''}>
          {t('confirm')}
        </Button>
      </form>
      <div className={styles['choices']}>
        {canUsePasskeys() && (
          <UnstyledButton className={styles['link']} onClick={() => byPasskey.mutate()}>
            {t('factorPasskey')}
          </UnstyledButton>
        )}
        <UnstyledButton className={styles['link']} onClick={() => setWay(way === 'totp' ? 'recovery' : 'totp')}>
          {way === 'totp' ? t('factorRecovery') : t('factorApp')}
        </UnstyledButton>
      </div>
    </>
  )
}
