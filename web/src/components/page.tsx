import { Title } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import styles from './page.module.css'

/** A page: the document's title, a heading, what can be done here, and where it belongs to. */
export function Page({
  title,
  heading,
  actions,
  back,
  narrow = false,
  wide = false,
  children,
}: {
  title: string
  heading?: ReactNode
  actions?: ReactNode
  back?: { to: LinkProps['to']; label: string }
  narrow?: boolean
  /** For pages that one works on: as wide as the window has room. */
  wide?: boolean
  children: ReactNode
}): ReactNode {
  const t = useTranslations('app')
  return (
    <div className={styles['page']} data-narrow={narrow || undefined} data-wide={wide || undefined}>
      <title>{`${title} · Cardwright`}</title>
      {back && (
        <Link to={back.to} className={styles['back']} aria-label={`${t('back')}: ${back.label}`}>
          <IconArrowLeft size={16} className={styles['arrow']} aria-hidden />
          {back.label}
        </Link>
      )}
      <header className={styles['header']}>
        <Title order={1} className={styles['title']}>
          {heading ?? title}
        </Title>
        {actions && <div className={styles['actions']}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** A surface with a heading: the unit that pages are made of. */
export function Panel({
  title,
  aside,
  flush = false,
  className,
  children,
}: {
  title?: ReactNode
  aside?: ReactNode
  /** The content reaches the edges, as lists do. */
  flush?: boolean
  className?: string | undefined
  children: ReactNode
}): ReactNode {
  return (
    <section className={[styles['panel'], className].join(' ')} data-flush={flush || undefined}>
      {title && (
        <div className={styles['panelHead']}>
          <Title order={2} className={styles['panelTitle']}>
            {title}
          </Title>
          {aside}
        </div>
      )}
      {children}
    </section>
  )
}
