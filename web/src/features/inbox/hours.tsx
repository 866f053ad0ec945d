import { Button, Select, Switch, Text, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import type { DigestModel, PreferencesOutput, QuietHoursModel } from '@/api/generated'
import { Panel } from '@/components/page'
import { useLanguage } from '@/lib/i18n'
import { zoneName } from '@/lib/dates'

import styles from './preferences.module.css'
import { useSavingPreferences } from './choosing'

const HOURS = Array.from({ length: 24 }, (_, hour) => hour)
const DAYS = Array.from({ length: 7 }, (_, day) => day)
/** 5 January 2026 was a Monday. */
const A_MONDAY = new Date(2026, 0, 5)
const NIGHT: QuietHoursModel = { start: '22:00', end: '07:00' }
const MORNING = 8

/** When nothing is told that can wait, and when e-mails of the digest come. */
export function Hours({ preferences }: { preferences: PreferencesOutput }): ReactNode {
  const t = useTranslations('preferences')
  const save = useSavingPreferences()
  const keep = (changed: { quiet_hours?: QuietHoursModel | null; digest?: DigestModel | null }) =>
    save.mutate({
      choices: preferences.choices,
      quiet_hours: preferences.quiet_hours,
      digest: preferences.digest,
      ...changed,
    })
  return (
    <Panel
      title={t('hours')}
      aside={
        <Text c="dimmed" size="sm">
          {t('zone', { zone: zoneName(preferences.time_zone) })}
        </Text>
      }
    >
      <div className={styles['hours']}>
        <Switch
          label={t('quiet')}
          description={t('quietText')}
          checked={preferences.quiet_hours !== null}
          onChange={(event) => keep({ quiet_hours: event.currentTarget.checked ? NIGHT : null })}
        />
        {preferences.quiet_hours && (
          <Quiet
            key={JSON.stringify(preferences.quiet_hours)}
            hours={preferences.quiet_hours}
            keep={(quiet_hours) => keep({ quiet_hours })}
          />
        )}
        <Digest digest={preferences.digest} keep={(digest) => keep({ digest })} />
      </div>
    </Panel>
  )
}

function Quiet({ hours, keep }: { hours: QuietHoursModel; keep: (hours: QuietHoursModel) => void }): ReactNode {
  const t = useTranslations('preferences')
  const common = useTranslations('common')
  const [typed, setTyped] = useState(hours)
  const hasChanged = typed.start !== hours.start || typed.end !== hours.end
  return (
    <form
      className={styles['pair']}
      onSubmit={(event) => {
        event.preventDefault()
        keep(typed)
      }}
    >
      <TextInput
        type="time"
        label={t('from')}
        value={typed.start}
        onChange={(event) => setTyped({ ...typed, start: event.currentTarget.value })}
      />
      <TextInput
        type="time"
        label={t('until')}
        value={typed.end}
        error={typed.start === typed.end ? t('sameHours') : undefined}
        onChange={(event) => setTyped({ ...typed, end: event.currentTarget.value })}
      />
      <Button type="submit" variant="default" disabled={!hasChanged || typed.start === typed.end}>
        {common('save')}
      </Button>
    </form>
  )
}

function Digest({ digest, keep }: { digest: DigestModel | null; keep: (digest: DigestModel | null) => void }): ReactNode {
  const t = useTranslations('preferences')
  const { formats } = useLanguage()
  const day = (weekday: number) =>
    new Intl.DateTimeFormat(formats, { weekday: 'long' }).format(new Date(A_MONDAY.getTime() + weekday * 86_400_000))
  return (
    <div className={styles['pair']}>
      <Select
        label={t('digest')}
        allowDeselect={false}
        value={digest?.cadence ?? 'never'}
        data={(['never', 'daily', 'weekly'] as const).map((value) => ({ value, label: t(`cadences.${value}`) }))}
        onChange={(cadence) =>
          keep(cadence === 'never' || cadence === null ? null : { hour: MORNING, ...digest, cadence: cadence as 'daily' })
        }
      />
      {digest?.cadence === 'weekly' && (
        <Select
          label={t('weekday')}
          allowDeselect={false}
          value={String(digest.weekday ?? 0)}
          data={DAYS.map((value) => ({ value: String(value), label: day(value) }))}
          onChange={(weekday) => keep({ ...digest, weekday: Number(weekday) })}
        />
      )}
      {digest && (
        <Select
          label={t('hour')}
          allowDeselect={false}
          value={String(digest.hour)}
          data={HOURS.map((value) => ({ value: String(value), label: `${String(value).padStart(2, '0')}:00` }))}
          onChange={(hour) => keep({ ...digest, hour: Number(hour) })}
        />
      )}
    </div>
  )
}
