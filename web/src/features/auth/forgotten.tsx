import { zodResolver } from '@hookform/resolvers/zod'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { z } from 'zod/mini'

import { done } from '@/api/client'
import { forgotPassword, resetPassword } from '@/api/generated'

import styles from './auth.module.css'
import { FormHead, Refusal } from './form'

const SHORTEST_PASSWORD = 15

export function ForgottenPassword(): ReactNode {
  const t = useTranslations('auth')
  const common = useTranslations('common')
  const schema = z.object({ email: z.email(common('emailInvalid')) })
  const { register, handleSubmit, formState } = useForm({ resolver: zodResolver(schema), defaultValues: { email: '' } })
  const send = useMutation({ mutationFn: (body: z.infer<typeof schema>) => done(forgotPassword({ body })) })
  if (send.isSuccess) {
    return (
      <>
        <FormHead title={t('linkSentTitle')} text={t('linkSentText', { email: send.variables.email })} />
        <BackToSignIn />
      </>
    )
  }
  return (
    <>
      <FormHead title={t('forgottenTitle')} text={t('forgottenText')} />
      <form className={styles['fields']} onSubmit={handleSubmit((body) => send.mutate(body))} noValidate>
        <TextInput
          label={common('email')}
          type="email"
          autoComplete="username"
          dir="ltr"
          error={formState.errors.email?.message}
          {...register('email')}
        />
        <Refusal error={send.error} />
        <Button type="submit" loading={send.isPending}>
          {t('sendLink')}
        </Button>
      </form>
      <BackToSignIn />
    </>
  )
}

/** Where the link of the e-mail leads. Its token stands behind the #, so no server sees it before it is used. */
export function ResetPassword(): ReactNode {
  const t = useTranslations('auth')
  const navigate = useNavigate()
  const [token] = useState(() => globalThis.location.hash.slice(1))
  const schema = z.object({ new_password: z.string().check(z.minLength(SHORTEST_PASSWORD, t('passwordShort'))) })
  const { register, handleSubmit, formState } = useForm({
    resolver: zodResolver(schema),
    defaultValues: { new_password: '' },
  })
  const send = useMutation({
    mutationFn: (body: z.infer<typeof schema>) => done(resetPassword({ body: { token, ...body } })),
    onSuccess: () => {
      notifications.show({ message: t('resetDone') })
      void navigate({ to: '/sign-in' })
    },
  })
  if (token === '') {
    return (
      <>
        <FormHead title={t('resetTitle')} text={t('resetBroken')} />
        <BackToSignIn />
      </>
    )
  }
  return (
    <>
      <FormHead title={t('resetTitle')} />
      <form className={styles['fields']} onSubmit={handleSubmit((body) => send.mutate(body))} noValidate>
        <PasswordInput
          label={t('newPassword')}
          description={t('passwordHint')}
          autoComplete="new-password"
          dir="ltr"
          error={formState.errors.new_password?.message}
          {...register('new_password')}
        />
        <Refusal error={send.error} />
        <Button type="submit" loading={send.isPending}>
          {t('confirm')}
        </Button>
      </form>
      <BackToSignIn />
    </>
  )
}

function BackToSignIn(): ReactNode {
  const t = useTranslations('auth')
  return (
    <div className={styles['foot']}>
      <Link to="/sign-in" className={styles['link']}>
        {t('backToSignIn')}
      </Link>
    </div>
  )
}
