import { zodResolver } from '@hookform/resolvers/zod'
import { Button, Select, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Controller, useForm } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { z } from 'zod/mini'

import { answer } from '@/api/client'
import { putMyProfile } from '@/api/generated'
import { identityQuery, meQuery } from '@/api/queries'
import { Panel } from '@/components/page'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'

import styles from './identity.module.css'

const COUNTRIES = ['US', 'DE', 'AT', 'CH', 'GB', 'IE', 'FR', 'ES', 'IT', 'NL', 'PT', 'SE', 'AE', 'EG', 'SA'] as const

const withoutSpaces = (typed: string): string => typed.replaceAll(/[\s().-]/g, '')
const isPast = (day: string): boolean => new Date(day) < new Date()

/** Who somebody is, as their document says it: asked once, before anything is issued in their name. */
export function ProfileForm(): ReactNode {
  const t = useTranslations('profile')
  const common = useTranslations('common')
  const { locale } = useLanguage()
  const client = useQueryClient()
  const tell = useTellProblem()
  const filled = z.string().check(z.trim(), z.minLength(1, common('required')))
  const schema = z.object({
    full_name: filled,
    date_of_birth: z.string().check(
      z.regex(/^\d{4}-\d{2}-\d{2}$/, t('birthInvalid')),
      z.refine(isPast, t('birthInvalid')),
    ),
    phone: z.string().check(z.overwrite(withoutSpaces), z.regex(/^\+[1-9]\d{6,14}$/, t('phoneInvalid'))),
    line1: filled,
    city: filled,
    postal_code: filled,
    country: z.enum(COUNTRIES),
  })
  const { register, control, handleSubmit, formState } = useForm({
    resolver: zodResolver(schema),
    defaultValues: { full_name: '', date_of_birth: '', phone: '', line1: '', city: '', postal_code: '', country: 'US' as (typeof COUNTRIES)[number] },
  })
  const save = useMutation({
    mutationFn: ({ full_name, date_of_birth, phone, ...address }: z.infer<typeof schema>) => {
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
      const spoken = { locale: navigator.language, time_zone: timeZone }
      return answer(putMyProfile({ body: { full_name, date_of_birth, phone, address, ...spoken } }))
    },
    onSuccess: async () => {
      notifications.show({ message: t('saved') })
      await client.invalidateQueries({ queryKey: meQuery.queryKey })
      await client.invalidateQueries({ queryKey: identityQuery.queryKey })
    },
    onError: tell,
  })
  const names = new Intl.DisplayNames(locale, { type: 'region' })
  const { errors } = formState
  return (
    <Panel title={t('title')}>
      <Text c="dimmed">{t('text')}</Text>
      <form className={styles['form']} onSubmit={handleSubmit((body) => save.mutate(body))} noValidate>
        <TextInput label={t('name')} autoComplete="name" error={errors.full_name?.message} {...register('full_name')} />
        <div className={styles['pair']}>
          <TextInput
            type="date"
            label={t('birth')}
            autoComplete="bday"
            error={errors.date_of_birth?.message}
            {...register('date_of_birth')}
          />
          <TextInput
            type="tel"
            label={t('phone')}
            autoComplete="tel"
            placeholder="+1 617 555 0100"
            dir="ltr"
            error={errors.phone?.message}
            {...register('phone')}
          />
        </div>
        <TextInput label={t('line1')} autoComplete="address-line1" error={errors.line1?.message} {...register('line1')} />
        <div className={styles['pair']}>
          <TextInput
            label={t('postalCode')}
            autoComplete="postal-code"
            dir="ltr"
            error={errors.postal_code?.message}
            {...register('postal_code')}
          />
          <TextInput label={t('city')} autoComplete="address-level2" error={errors.city?.message} {...register('city')} />
        </div>
        <Controller
          control={control}
          name="country"
          render={({ field }) => (
            <Select
              label={t('country')}
              allowDeselect={false}
              data={COUNTRIES.map((value) => ({ value, label: names.of(value) ?? value }))}
              value={field.value}
              onChange={field.onChange}
              onBlur={field.onBlur}
            />
          )}
        />
        <Button type="submit" loading={save.isPending}>
          {common('save')}
        </Button>
      </form>
    </Panel>
  )
}
