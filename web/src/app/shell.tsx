/** The frame of every page for somebody who is signed in: navigation beside it or below it, search, the account. */
import { ActionIcon, Kbd, UnstyledButton } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { Link, Outlet } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'

import { StepUp } from '@/components/step-up'
import { Wordmark } from '@/components/wordmark'

import { PLACES } from './places'
import styles from './shell.module.css'

const Palette = lazy(() => import('./palette'))
const Account = lazy(() => import('./account'))

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
        <header className={styles['side']}>
          <div className={styles['sideRoom']}>
          <Brand />
          <Search open={() => setSearching(true)} />
          <nav aria-label={t('navigation')} className={styles['nav']}>
            {PLACES.map((place) => (
              <Place key={place.to} {...place} />
            ))}
          </nav>
          <Suspense fallback={<span className={styles['account']} />}>
            <Account />
          </Suspense>
          </div>
        </header>
        <header className={styles['bar']}>
          <Brand />
          <div className={styles['barEnd']}>
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('search')} onClick={() => setSearching(true)}>
              <IconSearch size={20} />
            </ActionIcon>
            <Suspense fallback={<span className={styles['account']} data-compact />}>
              <Account compact />
            </Suspense>
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
