/** What one is told where: per topic and channel, at what hours, in which language, and in this browser. */
import { Button, Chip, Select, Skeleton, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { done } from '@/api/client'
import { askToConfirmAddress, type ChoiceInput, type GroupOutput, type PreferencesOutput, type TopicOutput } from '@/api/generated'
import { Page, Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { useTellProblem } from '@/lib/problem-text'

import { Hours } from './hours'
import { MessageLanguage } from './language'
import styles from './preferences.module.css'
import { preferencesQuery, useChoosing } from './choosing'
import { PushHere } from './push-here'

type Channel = ChoiceInput['channel']
type Setting = ChoiceInput['setting']
type EventName = Parameters<ReturnType<typeof useTranslations<'eventNames'>>>[0]
const CHANNELS = ['email', 'sms', 'push', 'in_app'] as const satisfies Channel[]
/** What concerns staff alone. */
const NOT_FOR_HOLDERS = new Set(['work', 'summaries'])
const FOR_STAFF = /\.assigned_/

export function Preferences(): ReactNode {
  const t = useTranslations('preferences')
  const inbox = useTranslations('inbox')
  const { data, error, refetch } = useQuery(preferencesQuery)
  return (
    <Page title={t('title')} narrow back={{ to: '/inbox', label: inbox('title') }}>
      <PushHere />
      <MessageLanguage />
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton h={320} radius="lg" />}
      {data && <Obstacles preferences={data} />}
      {data && <Hours preferences={data} />}
      {data?.groups
        .filter(({ group, event_types }) => !NOT_FOR_HOLDERS.has(group) && event_types.length > 0)
        .map((group) => <Group key={group.group} group={group} preferences={data} />)}
    </Page>
  )
}

function Obstacles({ preferences }: { preferences: PreferencesOutput }): ReactNode {
  const t = useTranslations('preferences')
  const tell = useTellProblem()
  const confirm = useMutation({
    mutationFn: () => done(askToConfirmAddress()),
    onSuccess: () => notifications.show({ message: t('linkSent') }),
    onError: tell,
  })
  return preferences.obstacles.map((obstacle) => (
    <div key={obstacle.channel} className={styles['obstacle']}>
      <span>{t(`obstacles.${obstacle.reason}`, { channel: t(`channels.${obstacle.channel}`) })}</span>
      {obstacle.channel === 'email' && (
        <Button size="xs" variant="default" loading={confirm.isPending} onClick={() => confirm.mutate()}>
          {t('sendLink')}
        </Button>
      )}
    </div>
  ))
}

function Group({ group, preferences }: { group: GroupOutput; preferences: PreferencesOutput }): ReactNode {
  const t = useTranslations('preferences')
  const [isOpen, setIsOpen] = useState(false)
  const topics = group.event_types.filter(({ event_type }) => !FOR_STAFF.test(event_type))
  const choose = useChoosing(preferences)
  const set = (channel: Channel, setting: Setting) => choose.group(group, channel, setting)
  return (
    <Panel
      title={t(`groups.${group.group}`)}
      aside={
        <Button variant="subtle" size="compact-sm" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {t(isOpen ? 'fewer' : 'each')}
        </Button>
      }
    >
      <div className={styles['group']} role="group" aria-label={t(`groups.${group.group}`)}>
        {CHANNELS.map((channel) => {
          const free = topics.flatMap(({ channels }) => channels).filter((one) => one.channel === channel && !one.is_locked)
          const settings = new Set(free.map(({ setting }) => setting))
          if (free.length === 0) {
            return null
          }
          return channel === 'email' ? (
            <Select
              key={channel}
              size="sm"
              aria-label={t('channels.email')}
              allowDeselect={false}
              value={settings.size === 1 ? ([...settings][0] ?? null) : null}
              placeholder={t('mixed')}
              data={(['on', 'digest', 'off'] as const).map((value) => ({ value, label: t(`email.${value}`) }))}
              onChange={(setting) => setting && set('email', setting as Setting)}
            />
          ) : (
            <Chip
              key={channel}
              variant="outline"
              size="sm"
              checked={settings.has('on') && settings.size === 1}
              onChange={(checked) => set(channel, checked ? 'on' : 'off')}
            >
              {t(`channels.${channel}`)}
            </Chip>
          )
        })}
      </div>
      {isOpen && (
        <ul className={styles['topics']}>
          {topics.map((topic) => (
            <Topic key={topic.event_type} topic={topic} choose={choose.topic} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Topic({
  topic,
  choose,
}: {
  topic: TopicOutput
  choose: (topic: TopicOutput, channel: Channel, setting: Setting) => void
}): ReactNode {
  const t = useTranslations('preferences')
  const names = useTranslations('eventNames')
  const key = topic.event_type as EventName
  const name = names.has(key) ? names(key) : topic.event_type
  return (
    <li>
      <span>{name}</span>
      <div className={styles['chips']} role="group" aria-label={name}>
        {topic.channels.map(({ channel, setting, is_locked }) => (
          <Chip
            key={channel}
            variant="outline"
            size="xs"
            checked={setting !== 'off'}
            disabled={is_locked}
            onChange={(checked) => choose(topic, channel, checked ? 'on' : 'off')}
          >
            {setting === 'digest' ? t('inDigest') : t(`channels.${channel}`)}
          </Chip>
        ))}
      </div>
      {topic.channels.every(({ is_locked }) => is_locked) && (
        <Text size="xs" c="dimmed">
          {t('always')}
        </Text>
      )}
    </li>
  )
}
