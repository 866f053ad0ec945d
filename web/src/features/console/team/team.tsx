/** Who works for the program, and in which roles; a role is given and taken by two people. */
import { Button, Select, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconUserPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { staffQuery } from '@/api/console-queries'
import { type MaskedUserOutput, proposeRoleGrant, proposeRoleRevocation, type Role } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { useMay } from '@/api/may'
import { Allowed } from '@/components/allowed'
import { CopyId } from '@/components/copy-id'
import { asList, DataTable } from '@/components/data-table'
import { DetailList } from '@/components/detail-list'
import { Page, Panel } from '@/components/page'
import { ReasonDialog } from '@/components/reason-dialog'
import { SidePanel } from '@/components/side-panel'
import { Tag } from '@/components/tag'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import styles from './team.module.css'

const ROLES = ['support', 'kyc_reviewer', 'fraud_analyst', 'finance', 'developer', 'administrator', 'auditor'] as const satisfies Role[]

export function Team(): ReactNode {
  const t = useTranslations('operations')
  const staff = useTranslations('staff')
  const may = useMay()
  const { formats } = useLanguage()
  const query = useQuery(staffQuery)
  const [open, setOpen] = useState<MaskedUserOutput | null>(null)
  const [giving, setGiving] = useState<string | null>(null)
  const [taking, setTaking] = useState<{ user: MaskedUserOutput; role: Role } | null>(null)
  const mayGrant = may('roles.grant')
  return (
    <Page
      title={t('team')}
      actions={
        mayGrant && (
          <Button leftSection={<IconUserPlus size={18} />} onClick={() => setGiving('')}>
            {t('giveRole')}
          </Button>
        )
      }
    >
      <Allowed needs="users.read">
        <Panel flush>
          <DataTable
            label={t('team')}
            list={asList(query)}
            rowKey={({ id }) => id}
            open={setOpen}
            selected={open?.id}
            columns={[
              { key: 'email', title: t('person'), cell: (user) => <bdi>{user.profile?.full_name ?? user.email}</bdi> },
              { key: 'roles', title: t('roles'), width: 'minmax(0, 2fr)', cell: (user) => <span className={styles['tags']}>{user.roles.map((role) => <Tag key={role}>{staff(`roles.${role}`)}</Tag>)}</span> },
              { key: 'id', title: t('personId'), width: '9rem', from: 'desktop', cell: (user) => <CopyId id={user.id} /> },
              { key: 'since', title: t('since'), width: '9rem', from: 'tablet', align: 'end', cell: (user) => formatDay(user.created_at, formats) },
            ]}
          />
        </Panel>
      </Allowed>
      {open && (
        <SidePanel title={<bdi>{open.email}</bdi>} close={() => setOpen(null)}>
          <div className={styles['stack']}>
            <DetailList rows={[[t('personId'), <CopyId key="id" id={open.id} />], [t('since'), formatDay(open.created_at, formats)]]} />
            <ul className={styles['roles']} aria-label={t('roles')}>
              {open.roles.map((role) => (
                <li key={role}>
                  {staff(`roles.${role}`)}
                  {mayGrant && (
                    <Button size="compact-sm" variant="default" onClick={() => setTaking({ user: open, role })}>
                      {t('takeRole')}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
            {mayGrant && <Button onClick={() => setGiving(open.id)}>{t('giveRole')}</Button>}
          </div>
        </SidePanel>
      )}
      {giving !== null && <Give userId={giving} close={() => setGiving(null)} />}
      {taking && <Take {...taking} close={() => setTaking(null)} />}
    </Page>
  )
}

function Give({ userId, close }: { userId: string; close: () => void }): ReactNode {
  const t = useTranslations('operations')
  const staff = useTranslations('staff')
  const { headers, fulfilled } = useIntent()
  const [user, setUser] = useState(userId)
  const [role, setRole] = useState<Role>('support')
  return (
    <ReasonDialog
      title={t('giveRole')}
      text={t('fourEyes')}
      confirm={t('propose')}
      run={async (reason) => {
        await answer(proposeRoleGrant({ path: { user_id: user.trim() }, body: { role, reason }, headers: headers() }))
        fulfilled()
        notifications.show({ message: t('proposed') })
      }}
      close={close}
    >
      <TextInput label={t('personId')} required dir="ltr" placeholder="user_…" value={user} onChange={(event) => setUser(event.currentTarget.value)} />
      <Select label={t('role')} allowDeselect={false} data={ROLES.map((value) => ({ value, label: staff(`roles.${value}`) }))} value={role} onChange={(value) => value && setRole(value as Role)} />
    </ReasonDialog>
  )
}

function Take({ user, role, close }: { user: MaskedUserOutput; role: Role; close: () => void }): ReactNode {
  const t = useTranslations('operations')
  const staff = useTranslations('staff')
  const { headers, fulfilled } = useIntent()
  return (
    <ReasonDialog
      title={t('takeRoleTitle', { role: staff(`roles.${role}`) })}
      text={t('fourEyes')}
      confirm={t('propose')}
      dangerous
      run={async (reason) => {
        await answer(proposeRoleRevocation({ path: { user_id: user.id }, body: { role, reason }, headers: headers() }))
        fulfilled()
        notifications.show({ message: t('proposed') })
      }}
      close={close}
    />
  )
}
