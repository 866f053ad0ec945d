import { zodResolver } from '@hookform/resolvers/zod'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { IconFingerprint } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { z } from 'zod/mini'

import { answer } from '@/api/client'
import { signIn, type SignedInOutput } from '@/api/generated'
import { canUsePasskeys, signInByPasskey } from '@/lib/passkeys'

import styles from './auth.module.css'
import { FormHead, Refusal } from './form'

const SecondFactor = lazy(() => import('./second-factor'))

export function SignIn(): ReactNode {
  const [needsFactor, setNeedsFactor] = useState(false)
  const entered = useEntered()
  const proceed = (signedIn: SignedInOutput) =>
    signedIn.state === 'factor_required' ? setNeedsFactor(true) : entered()
  if (needsFactor) {
    return (
      <Suspense>
        <SecondFactor entered={entered} />
      </Suspense>
    )
  }
  return <Password proceed={proceed} />
}

function Password({ proceed }: { proceed: (signedIn: SignedInOutput) => void }): ReactNode {
  const t = useTranslations('auth')
  const common = useTranslations('common')
  const schema = z.object({
    email: z.email(common('emailInvalid')),
    password: z.string().check(z.minLength(1, common('required'))),
  })
  const { register, handleSubmit, formState } = useForm({
    resolver: zodResolver(schema),
    defaultValues: { email: '', password: '' },
  })
  const byPassword = useMutation({
    mutationFn: (body: z.infer<typeof schema>) => answer(signIn({ body })),
    onSuccess: proceed,
  })
  const byPasskey = useMutation({ mutationFn: signInByPasskey, onSuccess: proceed })
  return (
    <>
      <FormHead title={t('signInTitle')} />
      <form className={styles['fields']} onSubmit={handleSubmit((body) => byPassword.mutate(body))} noValidate>
        <TextInput
          label={common('email')}
          type="email"
          autoComplete="username"
          dir="ltr"
          error={formState.errors.email?.message}
          {...register('email')}
        />
        <PasswordInput
          label={common('password')}
          autoComplete="current-password"
          dir="ltr"
          error={formState.errors.password?.message}
          {...register('password')}
        />
        <Refusal error={byPassword.error ?? byPasskey.error} />
        <Button type="submit" loading={byPassword.isPending}>
          {t('signIn')}
        </Button>
        {canUsePasskeys() && (
          <Button
            variant="default"
            leftSection={<IconFingerprint size={18} />}
            loading={byPasskey.isPending}
            onClick={() => byPasskey.mutate()}
          >
            {t('factorPasskey')}
          </Button>
        )}
      </form>
      <div className={styles['foot']}>
        <span>
          {t('newHere')}{' '}
          <Link to="/sign-up" className={styles['link']}>
            {t('signUp')}
          </Link>
        </span>
        <Link to="/forgotten-password" className={styles['link']}>
          {t('forgotten')}
        </Link>
      </div>
    </>
  )
}

/** What happens once somebody is signed in: nothing that was read before counts any more. */
export function useEntered(otherwise: '/' | '/set-up' = '/'): () => void {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { next, return_to: waiting } = useSearch({ strict: false })
  return () => {
    client.clear()
    if (waiting !== undefined) {
      window.location.assign(waiting)
      return
    }
    void navigate({ to: next ?? otherwise })
  }
}
