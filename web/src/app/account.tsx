/** The account: the theme, the language, the way out. */
import { Avatar, Menu, SegmentedControl, UnstyledButton, useMantineColorScheme } from '@mantine/core'
import { IconLogout } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { done } from '@/api/client'
import { signOut } from '@/api/generated'
import { meQuery } from '@/api/queries'
import { type Locale, LOCALES } from '@/lib/catalogues'
import { LOCALE_NAMES, useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'

import type { Place } from './frame'
import styles from './shell.module.css'

export default function Account({
  places,
  compact = false,
}: {
  /** Those that the bar of a phone has no room for. */
  places: readonly Place[]
  compact?: boolean
}): ReactNode {
  const t = useTranslations('app')
  const { data: me } = useQuery(meQuery)
  const { locale, choose } = useLanguage()
  const leave = useLeaving()
  const name = me?.profile?.full_name ?? me?.email ?? ''
  return (
    <Menu position={compact ? 'bottom-end' : 'top-start'} width={264} shadow="md" radius="lg">
      <Menu.Target>
        <UnstyledButton className={styles['account']} data-compact={compact || undefined}>
          <span className="hidden">{t('account')}</span>
          <Avatar size={34} radius="xl" color="brand" name={name} alt="" aria-hidden />
          {!compact && (
            <span className={styles['who']}>
              <span>{name}</span>
              {name !== me?.email && <small>{me?.email}</small>}
            </span>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {compact &&
          places.map(({ to, label, icon: Icon }) => (
            <Menu.Item key={to} component={Link} to={to} leftSection={<Icon size={18} />}>
              {label}
            </Menu.Item>
          ))}
        <Menu.Label>{t('theme')}</Menu.Label>
        <div className={styles['choice']}>
          <Schemes />
        </div>
        <Menu.Label>{t('language')}</Menu.Label>
        <div className={styles['choice']}>
          <SegmentedControl
            fullWidth
            size="sm"
            aria-label={t('language')}
            value={locale}
            onChange={(chosen) => choose(chosen as Locale)}
            data={LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value] }))}
          />
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={18} />} onClick={leave}>
          {t('signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function Schemes(): ReactNode {
  const t = useTranslations('app')
  // Without transitions switched off for a moment: that would take a style element, which the policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  return (
    <SegmentedControl
      fullWidth
      size="sm"
      aria-label={t('theme')}
      value={colorScheme}
      onChange={(chosen) => setColorScheme(chosen as typeof colorScheme)}
      data={[
        { value: 'light', label: t('light') },
        { value: 'dark', label: t('dark') },
        { value: 'auto', label: t('auto') },
      ]}
    />
  )
}

function useLeaving(): () => void {
  const client = useQueryClient()
  const navigate = useNavigate()
  const tell = useTellProblem()
  return () => {
    done(signOut()).then(() => {
      client.clear()
      client.setQueryData(meQuery.queryKey, null)
      return navigate({ to: '/sign-in' })
    }, tell)
  }
}
