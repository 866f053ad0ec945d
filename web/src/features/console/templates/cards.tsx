import { Button, NumberInput, Select, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconPlus, IconTemplate } from '@tabler/icons-react'
import { infiniteQueryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { trialBalanceQuery } from '@/api/console-queries'
import { activateCardTemplate, type CardType, createCardTemplate, type LimitView, listCardTemplates, retireCardTemplate, type TemplateView } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { useMay } from '@/api/may'
import { DataTable } from '@/components/data-table'
import { DetailList } from '@/components/detail-list'
import { Panel } from '@/components/page'
import { SidePanel } from '@/components/side-panel'
import { ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { formatMoney } from '@/lib/money'
import { useTellProblem } from '@/lib/problem-text'
import { wordOf } from '@/lib/words'

import { TemplatesPage } from './section'
import styles from './templates.module.css'

const PAGE = 100
const MOST_DAYS = 3650
const HOUR_SECONDS = 3_600
const TYPES = ['standard', 'single_use', 'merchant_locked', 'recurring', 'dated'] as const satisfies CardType[]

const templatesQuery = infiniteQueryOptions({
  queryKey: ['templates', 'pages'],
  queryFn: ({ pageParam }) => answer(listCardTemplates({ query: { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
})

/** What holders make cards from. */
export function CardTemplates(): ReactNode {
  const t = useTranslations('operations')
  const may = useMay()
  const list = useInfiniteQuery(templatesQuery)
  const [open, setOpen] = useState<string | null>(null)
  const [adding, setAdding] = useState(false)
  const chosen = list.data?.pages.flatMap(({ data }) => data).find(({ id }) => id === open)
  return (
    <TemplatesPage
      title={t('cardTemplates')}
      needs="card_templates.read"
      actions={
        may('card_templates.write') && (
          <Button leftSection={<IconPlus size={18} />} onClick={() => setAdding(true)}>
            {t('newTemplate')}
          </Button>
        )
      }
    >
      <Panel flush>
        <DataTable
          label={t('cardTemplates')}
          list={list}
          rowKey={({ id }) => id}
          open={({ id }) => setOpen(id)}
          selected={open ?? undefined}
          empty={{ title: t('noTemplatesTitle'), text: t('noTemplatesText'), icon: <IconTemplate size={28} /> }}
          columns={[
            { key: 'name', title: t('name'), cell: ({ name }) => <bdi>{name}</bdi> },
            { key: 'description', title: t('description'), width: 'minmax(0, 2fr)', from: 'tablet', cell: ({ description }) => <bdi>{description}</bdi> },
            { key: 'type', title: t('type'), width: '10rem', from: 'desktop', cell: ({ type }) => t(`types.${type}`) },
            { key: 'state', title: t('state'), width: '7rem', align: 'end', cell: (it) => <Tag tone={it.is_active ? 'good' : 'plain'}>{t(it.is_active ? 'offered' : 'retired')}</Tag> },
          ]}
        />
      </Panel>
      {chosen && <Template template={chosen} close={() => setOpen(null)} />}
      {adding && <NewTemplate close={() => setAdding(false)} />}
    </TemplatesPage>
  )
}

function Template({ template, close }: { template: TemplateView; close: () => void }): ReactNode {
  const t = useTranslations('operations')
  const may = useMay()
  const client = useQueryClient()
  const tell = useTellProblem()
  const colours = useTranslations('cards.colours')
  const { formats } = useLanguage()
  const told = useLimitText()
  const path = { template_id: template.id }
  const turn = useMutation({
    mutationFn: () => (template.is_active ? answer(retireCardTemplate({ path })) : answer(activateCardTemplate({ path }))),
    onSuccess: () => client.invalidateQueries({ queryKey: ['templates'] }),
    onError: tell,
  })
  return (
    <SidePanel title={<bdi>{template.name}</bdi>} close={close}>
      <div className={styles['stack']}>
        {template.description && <p dir="auto">{template.description}</p>}
        <DetailList
          rows={[
            [t('type'), t(`types.${template.type}`)],
            [t('state'), <Tag key="state" tone={template.is_active ? 'good' : 'plain'}>{t(template.is_active ? 'offered' : 'retired')}</Tag>],
            [t('uses'), template.uses],
            [t('validForDays'), template.valid_for_days],
            [t('limits'), template.limits.map((limit) => told(limit)).join(', ')],
            [t('colour'), template.colour && wordOf(colours, template.colour)],
            [t('made'), formatDay(template.created_at, formats)],
          ]}
        />
        {may('card_templates.write') && (
          <Button variant="default" loading={turn.isPending} onClick={() => turn.mutate()}>
            {t(template.is_active ? 'retireTemplate' : 'offerTemplate')}
          </Button>
        )}
      </div>
    </SidePanel>
  )
}

/** A limit in words. The currency is the program's, which only its books tell. */
function useLimitText(): (limit: LimitView) => string {
  const windows = useTranslations('cards.windows')
  const { formats } = useLanguage()
  const books = useQuery({ ...trialBalanceQuery(null), enabled: useMay()('ledger.read') })
  const currency = books.data?.lines[0]?.currency
  return ({ window, amount, count, span_seconds: span }) => {
    const name = windows(window, { hours: Math.round((span ?? 0) / HOUR_SECONDS) })
    const most = amount === null ? count?.toLocaleString(formats) : currency && formatMoney(amount, currency, formats, { short: true })
    return most ? `${name}: ${most}` : name
  }
}

function NewTemplate({ close }: { close: () => void }): ReactNode {
  const t = useTranslations('operations')
  const client = useQueryClient()
  const { headers, fulfilled } = useIntent()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [type, setType] = useState<CardType>('standard')
  const [days, setDays] = useState<number | null>(null)
  const create = useMutation({
    mutationFn: () => answer(createCardTemplate({ body: { name, description, type, valid_for_days: days }, headers: headers() })),
    onSuccess: async () => {
      fulfilled()
      await client.invalidateQueries({ queryKey: ['templates'] })
      notifications.show({ message: t('templateMade') })
      close()
    },
  })
  return (
    <SidePanel title={t('newTemplate')} close={close}>
      <form
        className={styles['stack']}
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <TextInput label={t('name')} required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput label={t('description')} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
        <Select label={t('type')} allowDeselect={false} data={TYPES.map((value) => ({ value, label: t(`types.${value}`) }))} value={type} onChange={(value) => value && setType(value as CardType)} />
        <NumberInput label={t('validForDays')} min={1} max={MOST_DAYS} allowDecimal={false} value={days ?? ''} onChange={(value) => setDays(typeof value === 'number' ? value : null)} />
        {create.error && <ErrorState error={create.error} />}
        <Button type="submit" loading={create.isPending}>
          {t('newTemplate')}
        </Button>
      </form>
    </SidePanel>
  )
}
