import { zodResolver } from '@hookform/resolvers/zod'
import { Button, PasswordInput, PinInput, TextInput, UnstyledButton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { z } from 'zod/mini'

import { answer, done } from '@/api/client'
import { register as registerPerson, resendCode, signIn, verifyEmail } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { ProgressSteps } from '@/components/progress-steps'
import { canUsePasskeys } from '@/lib/passkeys'

import styles from './auth.module.css'
import { FormHead, Refusal } from './form'
import { useEntered } from './sign-in'

const SHORTEST_PASSWORD = 15
const CODE_LENGTH = 6
const LATER = ['passkey', 'identity', 'money', 'card'] as const

interface Registered {
  registration_id: string
  email: string
  password: string
}

export function SignUp(): ReactNode {
  const [registered, setRegistered] = useState<Registered | null>(null)
  return (
    <>
      <Begun />
      {registered ? <Confirm registered={registered} /> : <Details registered={setRegistered} />}
    </>
  )
}

/** The first of the steps that go on in `/set-up` once somebody is signed in. */
function Begun(): ReactNode {
  const t = useTranslations('setUp')
  const later = canUsePasskeys() ? LATER : LATER.filter((step) => step !== 'passkey')
  return (
    <div className={styles['begun']}>
      <ProgressSteps steps={[{ label: t('account'), isDone: false, isCurrent: true }, ...later.map((step) => ({ label: t(step), isDone: false }))]} />
    </div>
  )
}

function Details({ registered }: { registered: (made: Registered) => void }): ReactNode {
  const t = useTranslations('auth')
  const common = useTranslations('common')
  const setUp = useTranslations('setUp')
  const intent = useIntent()
  const schema = z.object({
    email: z.email(common('emailInvalid')),
    password: z.string().check(z.minLength(SHORTEST_PASSWORD, t('passwordShort'))),
  })
  const { register, handleSubmit, formState } = useForm({
    resolver: zodResolver(schema),
    defaultValues: { email: '', password: '' },
  })
  const send = useMutation({
    mutationFn: async (body: z.infer<typeof schema>) => ({
      ...body,
      ...(await answer(registerPerson({ body, headers: intent.headers() }))),
    }),
    onSuccess: (made) => {
      intent.fulfilled()
      registered(made)
    },
  })
  return (
    <>
      <FormHead title={t('signUpTitle')} text={t('signUpText')} />
      <form className={styles['fields']} onSubmit={handleSubmit((body) => send.mutate(body))} noValidate>
        <TextInput
          label={common('email')}
          type="email"
          autoComplete="username"
          dir="ltr"
          error={formState.errors.email?.message}
          {...register('email', { onChange: intent.fulfilled })}
        />
        <PasswordInput
          label={common('password')}
          description={t('passwordHint')}
          autoComplete="new-password"
          dir="ltr"
          error={formState.errors.password?.message}
          {...register('password', { onChange: intent.fulfilled })}
        />
        <Refusal error={send.error} />
        <Button type="submit" loading={send.isPending}>
          {t('signUp')}
        </Button>
      </form>
      <p className={styles['again']}>{setUp('again')}</p>
      <div className={styles['foot']}>
        <span>
          {t('haveAccount')}{' '}
          <Link to="/sign-in" className={styles['link']}>
            {t('signIn')}
          </Link>
        </span>
      </div>
    </>
  )
}

function Confirm({ registered }: { registered: Registered }): ReactNode {
  const t = useTranslations('auth')
  const entered = useEntered('/set-up')
  const [code, setCode] = useState('')
  const { registration_id, email, password } = registered
  const confirm = useMutation({
    mutationFn: async (whole: string) => {
      await done(verifyEmail({ body: { registration_id, email, code: whole } }))
      await answer(signIn({ body: { email, password } }))
    },
    onSuccess: () => {
      notifications.show({ message: t('confirmed') })
      entered()
    },
    onError: () => setCode(''),
  })
  const resend = useMutation({
    mutationFn: () => done(resendCode({ body: { registration_id, email } })),
    onSuccess: () => notifications.show({ message: t('resent') }),
  })
  return (
    <>
      <FormHead title={t('confirmTitle')} text={t('confirmText', { email })} />
      <form
        className={styles['fields']}
        onSubmit={(event) => {
          event.preventDefault()
          confirm.mutate(code)
        }}
      >
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
          onComplete={(whole) => confirm.mutate(whole)}
        />
        <Refusal error={confirm.error ?? resend.error} />
        <Button type="submit" loading={confirm.isPending} disabled={code.length < CODE_LENGTH}>
          {t('confirm')}
        </Button>
      </form>
      <div className={styles['choices']}>
        <UnstyledButton className={styles['link']} onClick={() => resend.mutate()}>
          {t('resend')}
        </UnstyledButton>
      </div>
    </>
  )
}
