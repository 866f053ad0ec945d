import { IconUserSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { peopleQuery } from '@/api/console-queries'
import type { MaskedUserOutput } from '@/api/generated'
import { Allowed } from '@/components/allowed'
import { CopyId } from '@/components/copy-id'
import { type Column, DataTable } from '@/components/data-table'
import { FilterBar } from '@/components/filter-bar'
import { Page, Panel } from '@/components/page'
import { Tag } from '@/components/tag'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { wordOf } from '@/lib/words'

const SHORTEST = 2

export function Customers(): ReactNode {
  const t = useTranslations('customers')
  const { text } = useSearch({ from: '/console/customers' })
  const navigate = useNavigate({ from: '/console/customers' })
  return (
    <Page title={t('title')} wide>
      <Allowed needs="users.read">
        <FilterBar
          search={{
            label: t('search'),
            value: text,
            change: (typed) => void navigate({ search: typed === undefined ? {} : { text: typed }, replace: true }),
          }}
        />
        <Panel flush>
          <People text={text !== undefined && text.length >= SHORTEST ? text : undefined} />
        </Panel>
      </Allowed>
    </Page>
  )
}

function People({ text }: { text: string | undefined }): ReactNode {
  const t = useTranslations('customers')
  const list = useInfiniteQuery(peopleQuery(text))
  return (
    <DataTable
      label={t('title')}
      list={list}
      columns={useColumns()}
      rowKey={(person) => person.id}
      to={(person) => ({ to: '/console/customers/$userId', params: { userId: person.id } })}
      empty={{ title: t('nobodyTitle'), text: t('nobodyText'), icon: <IconUserSearch size={28} /> }}
    />
  )
}

function useColumns(): Column<MaskedUserOutput>[] {
  const t = useTranslations('customers')
  const roles = useTranslations('staff.roles')
  const { formats } = useLanguage()
  return [
    { key: 'name', title: t('name'), cell: (person) => <bdi>{person.profile?.full_name ?? t('noName')}</bdi> },
    { key: 'email', title: t('email'), cell: (person) => <bdi>{person.email}</bdi>, from: 'tablet' },
    { key: 'place', title: t('place'), cell: (person) => placeOf(person), from: 'desktop' },
    {
      key: 'role',
      title: t('role'),
      width: '10rem',
      cell: (person) => (
        <Tag tone={person.roles.includes('cardholder') ? 'plain' : 'waiting'}>
          {person.roles.map((role) => wordOf(roles, role)).join(', ')}
        </Tag>
      ),
    },
    { key: 'since', title: t('since'), width: '9rem', cell: (person) => formatDay(person.created_at, formats), from: 'tablet' },
    { key: 'id', title: t('id'), width: '8.5rem', cell: (person) => <CopyId id={person.id} />, from: 'desktop' },
  ]
}

export function placeOf(person: MaskedUserOutput): string {
  const address = person.profile?.address
  return address ? `${address.city}, ${address.country}` : ''
}
