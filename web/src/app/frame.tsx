/** The frame of every page for somebody who is signed in: navigation beside it or below it, search, the account. */
import { ActionIcon, Kbd, UnstyledButton } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { Link, type LinkProps, Outlet } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'

import { SkipLink } from '@/components/skip-link'
import { StepUp } from '@/components/step-up'
import { Wordmark } from '@/components/wordmark'

import styles from './shell.module.css'

const Palette = lazy(() => import('./palette'))
const Account = lazy(() => import('./account'))

const ON_PHONE = 4
const MOST_SHOWN = 99

/** Where one can go from every page, in the words of the reader. */
export interface Place {
  to: NonNullable<LinkProps['to']>
  label: string
  icon: typeof IconSearch
  /** May be one of the four in the bar of a phone; the others are in the menu of the account. */
  onPhone: boolean
  /** How much waits there, and how that is said. */
  waiting?: { count: number; label: string } | undefined
}

export interface PlaceGroup {
  /** A heading, where places are many. */
  label?: string | undefined
  places: readonly Place[]
}

export function Frame({
  home,
  groups,
  children,
}: {
  home: '/' | '/console'
  groups: readonly PlaceGroup[]
  /** What lies over every page. */
  children?: ReactNode
}): ReactNode {
  const t = useTranslations('app')
  const [searching, setSearching] = useState(false)
  useHotkeys([['mod+K', () => setSearching(true)]], [])
  const places = groups.flatMap((group) => group.places)
  const onPhone = places.filter((place) => place.onPhone).slice(0, ON_PHONE)
  const elsewhere = places.filter((place) => !onPhone.includes(place))
  return (
    <StepUp>
      <SkipLink />
      <div className={styles['shell']}>
        <header className={styles['side']}>
          <div className={styles['sideRoom']}>
            <Brand home={home} />
            <Search open={() => setSearching(true)} />
            <nav aria-label={t('navigation')} className={styles['nav']}>
              {groups.map(({ label, places: near }) => (
                <div key={label ?? near[0]?.to} className={styles['group']} data-labelled={label !== undefined || undefined}>
                  {label && <span className={styles['groupLabel']}>{label}</span>}
                  {near.map((place) => (
                    <PlaceLink key={place.to} home={home} {...place} />
                  ))}
                </div>
              ))}
            </nav>
            <Suspense fallback={<span className={styles['account']} />}>
              <Account places={elsewhere} />
            </Suspense>
          </div>
        </header>
        <header className={styles['bar']}>
          <Brand home={home} />
          <div className={styles['barEnd']}>
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('search')} onClick={() => setSearching(true)}>
              <IconSearch size={20} />
            </ActionIcon>
            <Suspense fallback={<span className={styles['account']} data-compact />}>
              <Account places={elsewhere} compact />
            </Suspense>
          </div>
        </header>
        <main id="content" tabIndex={-1} className={styles['main']} data-wide={home === '/console' || undefined}>
          <Outlet />
        </main>
        <nav aria-label={t('navigation')} className={styles['tabs']}>
          {onPhone.map((place) => (
            <PlaceLink key={place.to} home={home} {...place} />
          ))}
        </nav>
      </div>
      {children}
      {searching && (
        <Suspense>
          <Palette places={places} close={() => setSearching(false)} />
        </Suspense>
      )}
    </StepUp>
  )
}

function Brand({ home }: { home: '/' | '/console' }): ReactNode {
  return (
    <Link to={home} className={styles['brand']}>
      <Wordmark />
      Cardwright
    </Link>
  )
}

function PlaceLink({ to, label, icon: Icon, waiting, home }: Place & { home: string }): ReactNode {
  return (
    <Link to={to} className={styles['place']} activeOptions={{ exact: to === home }} activeProps={{ 'aria-current': 'page' }}>
      <Icon size={20} stroke={1.75} aria-hidden />
      <span>{label}</span>
      {waiting !== undefined && waiting.count > 0 && (
        <span className={styles['waiting']}>
          <span aria-hidden>{waiting.count > MOST_SHOWN ? `${MOST_SHOWN}+` : waiting.count}</span>
          <span className="hidden">{waiting.label}</span>
        </span>
      )}
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
