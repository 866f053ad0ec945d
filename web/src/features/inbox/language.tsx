import { Select } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { putMyProfile, type ProfileOutput } from '@/api/generated'
import { meQuery } from '@/api/queries'
import { Panel } from '@/components/page'
import { useTellProblem } from '@/lib/problem-text'

/** The languages that messages are written in; the app itself has its own switch. */
const LANGUAGES = [
  { value: 'en', locale: 'en-US', label: 'English' },
  { value: 'de', locale: 'de-DE', label: 'Deutsch' },
  { value: 'fr', locale: 'fr-FR', label: 'Français' },
  { value: 'es', locale: 'es-ES', label: 'Español' },
  { value: 'ar', locale: 'ar-EG', label: 'العربية' },
] as const

export function MessageLanguage(): ReactNode {
  const t = useTranslations('preferences')
  const client = useQueryClient()
  const tell = useTellProblem()
  const profile = useQuery(meQuery).data?.profile
  const save = useMutation({
    mutationFn: ({ phone_verified_at: _unchanged, currency: _given, ...kept }: ProfileOutput) =>
      answer(putMyProfile({ body: kept })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: meQuery.queryKey })
      void client.invalidateQueries({ queryKey: ['notifications'] })
      notifications.show({ message: t('languageSaved') })
    },
    onError: tell,
  })
  if (!profile) {
    return null
  }
  const chosen = LANGUAGES.find(({ value }) => profile.locale.startsWith(value))
  return (
    <Panel>
      <Select
        label={t('language')}
        description={t('languageText')}
        allowDeselect={false}
        value={chosen?.value ?? null}
        data={LANGUAGES.map(({ value, label }) => ({ value, label }))}
        onChange={(value) => {
          const locale = LANGUAGES.find((known) => known.value === value)?.locale
          if (locale) {
            save.mutate({ ...profile, locale })
          }
        }}
      />
    </Panel>
  )
}
