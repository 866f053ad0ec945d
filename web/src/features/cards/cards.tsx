import { Skeleton } from '@mantine/core'
import { IconCards, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { CardwrightCardsViewsCardView as CardView } from '@/api/generated'
import { cardsQuery } from '@/api/queries'
import { ButtonLink } from '@/components/button-link'
import { CardFace, frozenLast } from '@/components/card-face'
import { Page } from '@/components/page'
import { EmptyState, ErrorState } from '@/components/states'

import styles from './cards.module.css'

export function Cards(): ReactNode {
  const t = useTranslations('cards')
  const app = useTranslations('app')
  const home = useTranslations('home')
  const { data, error, refetch } = useQuery(cardsQuery)
  const open = data?.filter((card) => card.state !== 'canceled').toSorted(frozenLast)
  const closed = data?.filter((card) => card.state === 'canceled')
  const create = (
    <ButtonLink to="/cards/new" leftSection={<IconPlus size={18} />}>
      {app('newCard')}
    </ButtonLink>
  )
  return (
    <Page title={t('title')} actions={create}>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <div className={styles['grid']}>
          {['a', 'b', 'c'].map((place) => (
            <Skeleton key={place} className={styles['skeleton']} />
          ))}
        </div>
      )}
      {data?.length === 0 && (
        <EmptyState icon={<IconCards size={28} />} title={home('noCardsTitle')} text={home('noCardsText')} action={create} />
      )}
      {open !== undefined && open.length > 0 && <Group title={t('open')} cards={open} />}
      {closed !== undefined && closed.length > 0 && <Group title={t('closed')} cards={closed} />}
    </Page>
  )
}

function Group({ title, cards }: { title: string; cards: readonly CardView[] }): ReactNode {
  const t = useTranslations('cards')
  return (
    <section>
      <h2 className={styles['groupTitle']}>{title}</h2>
      <ul className={styles['grid']}>
        {cards.map((card) => (
          <li key={card.id}>
            <Link to="/cards/$cardId" params={{ cardId: card.id }} className={styles['link']}>
              <CardFace card={card} />
              <span className={styles['kind']} aria-hidden>
                {t(card.type)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
