/** Choices are saved as they are made, and shown before the server has them. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import { answer } from '@/api/client'
import {
  type ChoiceInput,
  getNotificationPreferences,
  type GroupOutput,
  type PreferencesInput,
  type PreferencesOutput,
  putNotificationPreferences,
  type TopicOutput,
} from '@/api/generated'
import { useTellProblem } from '@/lib/problem-text'

type Channel = ChoiceInput['channel']
type Setting = ChoiceInput['setting']

export const preferencesQuery = queryOptions({
  queryKey: ['preferences'],
  queryFn: () => answer(getNotificationPreferences()),
})

export function useSavingPreferences() {
  const client = useQueryClient()
  const tell = useTellProblem()
  const { queryKey } = preferencesQuery
  return useMutation({
    mutationFn: (body: PreferencesInput) => answer(putNotificationPreferences({ body })),
    // One after the other: each replaces everything.
    scope: { id: 'preferences' },
    onSuccess: (saved) => client.setQueryData(queryKey, saved),
    onError: (error) => {
      tell(error)
      void client.invalidateQueries({ queryKey })
    },
  })
}

export function useChoosing(preferences: PreferencesOutput) {
  const client = useQueryClient()
  const save = useSavingPreferences()
  const keep = (changed: ChoiceInput, replaces: ReadonlySet<string>) => {
    const others = preferences.choices.filter(({ topic, channel }) => channel !== changed.channel || !replaces.has(topic))
    const choices = [...others, changed]
    client.setQueryData(preferencesQuery.queryKey, shownWith(preferences, choices, changed, replaces))
    save.mutate({ choices, quiet_hours: preferences.quiet_hours, digest: preferences.digest })
  }
  return {
    group: ({ group, event_types }: GroupOutput, channel: Channel, setting: Setting) =>
      keep({ topic: group, channel, setting }, new Set([group, ...event_types.map(({ event_type }) => event_type)])),
    topic: ({ event_type: topic }: TopicOutput, channel: Channel, setting: Setting) =>
      keep({ topic, channel, setting }, new Set([topic])),
  }
}

function shownWith(
  preferences: PreferencesOutput,
  choices: ChoiceInput[],
  { channel, setting }: ChoiceInput,
  topics: ReadonlySet<string>,
): PreferencesOutput {
  const groups = preferences.groups.map((group) => ({
    ...group,
    event_types: group.event_types.map((topic) =>
      topics.has(topic.event_type)
        ? { ...topic, channels: topic.channels.map((one) => (one.channel === channel && !one.is_locked ? { ...one, setting } : one)) }
        : topic,
    ),
  }))
  return { ...preferences, choices, groups }
}
