import { Button, Skeleton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconReceipt, IconSnowflake, IconSun } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import {
  type CardwrightCardsViewsCardView as CardView,
  freezeCard,
  unfreezeCard,
} from '@/api/generated'
import { cardQuery, cardsQuery, paymentsQuery } from '@/api/queries'
import { CardFace } from '@/components/card-face'
import { Page, Panel } from '@/components/page'
import { PaymentRow } from '@/components/payment-row'
import { EmptyState, ErrorState, ListSkeleton } from '@/components/states'
import { Undoable } from '@/components/undoable'
import { useTellProblem } from '@/lib/problem-text'

import styles from './cards.module.css'
import { Details } from './details'
import { Limits } from './limits'
import { Secret } from './secret'
import { TryIt } from './try-it'
import { Where } from './where'

const SHOWN = 5

export function CardPage(): ReactNode {
  const { cardId } = useParams({ from: '/holder/cards/$cardId' })
  const t = useTranslations('cards')
  const { data: card, error, refetch } = useQuery(cardQuery(cardId))
  const back = { to: '/cards', label: t('title') } as const
  if (!card) {
    return (
      <Page title={t('title')} heading={error ? t('title') : <Skeleton h={30} w={180} />} back={back}>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Skeleton h={220} maw={352} radius="lg" />}
      </Page>
    )
  }
  return (
    <Page title={card.label} back={back}>
      <div className={styles['two']}>
        <div className={styles['left']}>
          <CardFace card={card} />
          {card.state !== 'canceled' && <Freezing card={card} />}
          <Secret card={card} />
          {card.state !== 'canceled' && <TryIt cardId={card.id} />}
        </div>
        <div className={styles['right']}>
          <Limits card={card} />
          <Where card={card} />
          <Payments cardId={card.id} />
          <Details card={card} />
        </div>
      </div>
    </Page>
  )
}

/** Freezing shows at once and is taken back if the API refuses it; undoing it is one press away. */
function Freezing({ card }: { card: CardView }): ReactNode {
  const t = useTranslations('card')
  const toggle = useFreezing(card)
  if (card.is_locked_by_staff) {
    return <p className={styles['notice']}>{t('lockedText')}</p>
  }
  const isFrozen = card.state === 'frozen'
  return (
    <Button
      variant={isFrozen ? 'filled' : 'default'}
      disabled={card.state === 'inactive'}
      leftSection={isFrozen ? <IconSun size={18} /> : <IconSnowflake size={18} />}
      onClick={() => toggle.mutate(!isFrozen)}
    >
      {isFrozen ? t('unfreeze') : t('freeze')}
    </Button>
  )
}

function useFreezing(card: CardView) {
  const t = useTranslations('card')
  const client = useQueryClient()
  const tell = useTellProblem()
  const { queryKey } = cardQuery(card.id)
  const toggle = useMutation({
    mutationFn: (freeze: boolean) =>
      answer((freeze ? freezeCard : unfreezeCard)({ path: { card_id: card.id } })),
    onMutate: async (freeze) => {
      await client.cancelQueries({ queryKey, exact: true })
      const before = client.getQueryData(queryKey)
      client.setQueryData(queryKey, (shown) =>
        shown && { ...shown, state: freeze ? ('frozen' as const) : ('active' as const) })
      return before
    },
    onError: (error, _freeze, before) => {
      client.setQueryData(queryKey, before)
      tell(error)
    },
    onSuccess: (changed, freeze) => {
      client.setQueryData(queryKey, changed)
      void client.invalidateQueries({ queryKey: cardsQuery.queryKey, exact: true })
      const id = `freezing-${card.id}`
      notifications.hide(id)
      notifications.show({
        id,
        message: (
          <Undoable
            text={t(freeze ? 'frozenNow' : 'activeNow', { label: card.label })}
            undo={() => {
              notifications.hide(id)
              toggle.mutate(!freeze)
            }}
          />
        ),
      })
    },
  })
  return toggle
}

function Payments({ cardId }: { cardId: string }): ReactNode {
  const t = useTranslations('card')
  const common = useTranslations('common')
  const home = useTranslations('home')
  const { data } = useInfiniteQuery(paymentsQuery({ card_id: cardId }, SHOWN))
  const payments = data?.pages[0]?.data
  const all = (
    <Link to="/activity" search={{ card: cardId }} className={styles['all']}>
      {common('all')}
    </Link>
  )
  return (
    <Panel title={t('latest')} aside={payments?.length ? all : undefined} flush>
      {!data && <ListSkeleton rows={3} />}
      {payments?.length === 0 && (
        <EmptyState icon={<IconReceipt size={28} />} title={home('noActivityTitle')} text={t('noPayments')} />
      )}
      {payments?.map((payment) => <PaymentRow key={payment.id} payment={payment} dated />)}
    </Panel>
  )
}
