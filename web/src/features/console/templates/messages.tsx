/** What people are told, as they would read it: every type of message, channel and language, with invented facts. */
import { Button, SegmentedControl, Select, Skeleton, UnstyledButton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { listNotificationTemplates, previewNotificationTemplate, sendTestNotification, type TemplateAnswer } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { useMay } from '@/api/may'
import { FilterBar } from '@/components/filter-bar'
import { Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'
import { readable } from '@/lib/words'

import { TemplatesPage } from './section'
import styles from './templates.module.css'

type Channel = 'email' | 'sms' | 'push' | 'in_app'

export function Messages(): ReactNode {
  const t = useTranslations('operations')
  const { data, error, refetch } = useQuery({ queryKey: ['message-templates'], queryFn: async () => (await answer(listNotificationTemplates())).data, staleTime: Infinity })
  const name = useEventName()
  const [text, setText] = useState<string>()
  const [chosen, setChosen] = useState<string | null>(null)
  const shown = (data ?? []).filter(({ event_type: type }) => !text || `${type} ${name(type)}`.toLowerCase().includes(text.toLowerCase()))
  const template = data?.find(({ event_type: type }) => type === chosen) ?? data?.[0]
  return (
    <TemplatesPage title={t('messages')} needs="notification_templates.read">
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton h={400} radius="lg" />}
      {data && template && (
        <div className={styles['split']}>
          <div className={styles['stack']}>
            <FilterBar search={{ label: t('searchMessages'), value: text, change: setText }} />
            <Panel flush>
              <ul className={styles['list']}>
                {shown.map((each) => (
                  <li key={each.event_type}>
                    <UnstyledButton aria-current={each === template || undefined} onClick={() => setChosen(each.event_type)}>
                      <span className={styles['name']}>{name(each.event_type)}</span>
                      <span className={styles['dim']}>{each.channels.map((channel) => t(`channels.${channel as Channel}`)).join(', ')}</span>
                    </UnstyledButton>
                  </li>
                ))}
              </ul>
            </Panel>
          </div>
          <Preview key={template.event_type} template={template} />
        </div>
      )}
    </TemplatesPage>
  )
}

/** What an event is called where people choose what to be told; others by the end of their type. */
function useEventName(): (type: string) => string {
  const names = useTranslations('eventNames')
  return (type) => (names.has(type as never) ? names(type as never) : readable(type.slice(type.lastIndexOf('.') + 1)))
}

function Preview({ template }: { template: TemplateAnswer }): ReactNode {
  const t = useTranslations('operations')
  const name = useEventName()
  const { locale } = useLanguage()
  const channels = [...new Set([...template.channels, 'in_app'])] as Channel[]
  const [channel, setChannel] = useState<Channel>(channels[0] ?? 'in_app')
  const [language, setLanguage] = useState(template.languages.includes(locale) ? locale : (template.languages[0] ?? 'en'))
  const [scheme, setScheme] = useState('light')
  const { data, error, refetch } = useQuery({
    queryKey: ['message-templates', template.event_type, channel, language],
    queryFn: () => answer(previewNotificationTemplate({ path: { event_type: template.event_type }, query: { channel, language } })),
    placeholderData: (before) => before,
  })
  const names = new Intl.DisplayNames([locale], { type: 'language' })
  return (
    <Panel title={name(template.event_type)} aside={<span className={styles['code']}>{template.event_type}</span>}>
      <div className={styles['stack']}>
        <div className={styles['deeds']}>
          <Select size="sm" label={t('channel')} allowDeselect={false} data={channels.map((value) => ({ value, label: t(`channels.${value}`) }))} value={channel} onChange={(value) => value && setChannel(value as Channel)} />
          <Select size="sm" label={t('language')} allowDeselect={false} data={template.languages.map((value) => ({ value, label: names.of(value) ?? value }))} value={language} onChange={(value) => value && setLanguage(value)} />
          <SegmentedControl
            size="sm"
            aria-label={t('background')}
            value={scheme}
            onChange={setScheme}
            data={[
              { value: 'light', label: t('light') },
              { value: 'dark', label: t('dark') },
            ]}
          />
        </div>
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {!data && !error && <Skeleton h={160} />}
        {data && (
          <div className={styles['stage']} data-scheme={scheme}>
            <div className={styles['bubble']} lang={data.language} dir="auto">
              {data.subject && <span className={styles['subject']}>{data.subject}</span>}
              {data.text}
            </div>
          </div>
        )}
        <p className={styles['dim']}>
          {data?.segments ? `${t('segments', { count: data.segments })} · ` : ''}
          {t('facts_', { facts: template.facts.join(', ') })}
        </p>
        <TestSend type={template.event_type} language={language} />
      </div>
    </Panel>
  )
}

function TestSend({ type, language }: { type: string; language: string }): ReactNode {
  const t = useTranslations('operations')
  const may = useMay()
  const tell = useTellProblem()
  const { headers, fulfilled } = useIntent()
  const send = useMutation({
    mutationFn: () => answer(sendTestNotification({ path: { event_type: type }, body: { language }, headers: headers() })),
    onSuccess: () => {
      fulfilled()
      notifications.show({ message: t('testSent') })
    },
    onError: tell,
  })
  return (
    may('notification_templates.test') && (
      <Button variant="default" w="fit-content" loading={send.isPending} onClick={() => send.mutate()}>
        {t('sendToMe')}
      </Button>
    )
  )
}
