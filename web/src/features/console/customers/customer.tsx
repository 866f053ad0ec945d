/** Everything about one person, as far as the role of whoever looks reaches. */
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { personQuery } from '@/api/console-queries'
import type { MaskedUserOutput } from '@/api/generated'
import { useMay } from '@/api/may'
import { Allowed } from '@/components/allowed'
import { CopyId } from '@/components/copy-id'
import { Page } from '@/components/page'
import { ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'
import { wordOf } from '@/lib/words'

import { Cards } from './cards'
import styles from './customer.module.css'
import { Identity } from './identity'
import { CasesOf, DisputesOf, PaymentsOf } from './activity'
import { Messages } from './messages'
import { Profile } from './profile'
import { Sessions } from './sessions'
import { Trail } from './trail'
import { Wallet } from './wallet'

export function Customer(): ReactNode {
  const { userId } = useParams({ from: '/console/customers/$userId' })
  const t = useTranslations('customers')
  const { data: person, error, refetch } = useQuery(personQuery(userId))
  const back = { to: '/console/customers', label: t('title') } as const
  if (!person) {
    return (
      <Page title={t('customer')} heading={error ? t('customer') : <Skeleton h={30} w={220} />} back={back} wide>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Skeleton h={260} radius="lg" />}
      </Page>
    )
  }
  const name = person.profile?.full_name ?? t('noName')
  return (
    <Page title={name} heading={<Heading person={person} name={name} />} back={back} wide>
      <Allowed needs="users.read">
        <Parts person={person} />
      </Allowed>
    </Page>
  )
}

function Heading({ person, name }: { person: MaskedUserOutput; name: string }): ReactNode {
  const t = useTranslations('customers')
  const roles = useTranslations('staff.roles')
  return (
    <span className={styles['heading']}>
      <bdi>{name}</bdi>
      <span className={styles['tags']}>
        {person.roles.map((role) => (
          <Tag key={role}>{wordOf(roles, role)}</Tag>
        ))}
        {person.email_verified_at === null && <Tag tone="waiting">{t('unconfirmed')}</Tag>}
        <CopyId id={person.id} />
      </span>
    </span>
  )
}

function Parts({ person }: { person: MaskedUserOutput }): ReactNode {
  const may = useMay()
  const isHolder = person.roles.includes('cardholder')
  const { id } = person
  return (
    <div className={styles['two']}>
      <div className={styles['column']}>
        {isHolder && may('cards.read') && <Cards userId={id} />}
        {isHolder && may('payments.read') && <PaymentsOf userId={id} />}
        {isHolder && may('cases.read') && <CasesOf userId={id} />}
        {isHolder && may('disputes.read') && <DisputesOf userId={id} />}
        {may('message_deliveries.read') && <Messages userId={id} />}
        {may('audit.read') && <Trail person={person} />}
      </div>
      <div className={styles['column']}>
        {isHolder && may('wallets.read') && <Wallet userId={id} />}
        <Profile person={person} />
        {isHolder && may('kyc.read') && <Identity userId={id} />}
        {may('sessions.read') && <Sessions userId={id} />}
      </div>
    </div>
  )
}
