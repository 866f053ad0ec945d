/** The frame of every page for somebody who is signed in: navigation beside it or below it, search, the account. */
import { ActionIcon, Avatar, Kbd, Menu, SegmentedControl, UnstyledButton, useMantineColorScheme } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import {
  IconArrowsExchange,
  IconCards,
  IconHome,
  IconId,
  IconInbox,
  IconLogout,
  IconSearch,
  IconShieldLock,
} from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'

import { done } from '@/api/client'
import { signOut } from '@/api/generated'
import { meQuery } from '@/api/queries'
import { StepUp } from '@/components/step-up'
import { Wordmark } from '@/components/wordmark'
import { LOCALE_NAMES, LOCALES, type Locale, useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'

import styles from './shell.module.css'

const Palette = lazy(() => import('./palette'))

const PLACES = [
  { to: '/', name: 'home', icon: IconHome, onPhone: true },
  { to: '/cards', name: 'cards', icon: IconCards, onPhone: true },
  { to: '/activity', name: 'activity', icon: IconArrowsExchange, onPhone: true },
  { to: '/inbox', name: 'inbox', icon: IconInbox, onPhone: true },
  { to: '/identity', name: 'identity', icon: IconId, onPhone: false },
  { to: '/security', name: 'security', icon: IconShieldLock, onPhone: false },
] as const

export function Shell(): ReactNode {
  const t = useTranslations('app')
  const [searching, setSearching] = useState(false)
  useHotkeys([['mod+K', () => setSearching(true)]], [])
  return (
    <StepUp>
      <a href="#content" className={styles['skip']}>
        {t('skip')}
      </a>
      <div className={styles['shell']}>
        <div className={styles['side']}>
          <div className={styles['sideRoom']}>
          <Brand />
          <Search open={() => setSearching(true)} />
          <nav aria-label={t('navigation')} className={styles['nav']}>
            {PLACES.map((place) => (
              <Place key={place.to} {...place} />
            ))}
          </nav>
          <Account />
          </div>
        </div>
        <header className={styles['bar']}>
          <Brand />
          <div className={styles['barEnd']}>
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('search')} onClick={() => setSearching(true)}>
              <IconSearch size={20} />
            </ActionIcon>
            <Account compact />
          </div>
        </header>
        <main id="content" tabIndex={-1} className={styles['main']}>
          <Outlet />
        </main>
        <nav aria-label={t('navigation')} className={styles['tabs']}>
          {PLACES.filter((place) => place.onPhone).map((place) => (
            <Place key={place.to} {...place} />
          ))}
        </nav>
      </div>
      {searching && (
        <Suspense>
          <Palette close={() => setSearching(false)} />
        </Suspense>
      )}
    </StepUp>
  )
}

function Brand(): ReactNode {
  return (
    <Link to="/" className={styles['brand']}>
      <Wordmark />
      Cardwright
    </Link>
  )
}

function Place({ to, name, icon: Icon }: (typeof PLACES)[number]): ReactNode {
  const t = useTranslations('app')
  return (
    <Link to={to} className={styles['place']} activeOptions={{ exact: to === '/' }} activeProps={{ 'aria-current': 'page' }}>
      <Icon size={20} stroke={1.75} aria-hidden />
      <span>{t(name)}</span>
    </Link>
  )
}

function Search({ open }: { open: () => void }): ReactNode {
  const t = useTranslations('app')
  return (
    <UnstyledButton className={styles['search']} onClick={open}>
      <IconSearch size={16} aria-hidden />
      <span>{t('search')}</span>
      <Kbd size="xs" aria-hidden>
        {isApple() ? '⌘' : 'Ctrl'} K
      </Kbd>
    </UnstyledButton>
  )
}

function isApple(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent)
}

function Account({ compact = false }: { compact?: boolean }): ReactNode {
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
              <small>{me?.email}</small>
            </span>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {compact &&
          PLACES.filter((place) => !place.onPhone).map(({ to, name: place, icon: Icon }) => (
            <Menu.Item key={to} component={Link} to={to} leftSection={<Icon size={18} />}>
              {t(place)}
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
