/** Where a card may pay: one merchant, or any; and who is let through for a quarter of an hour. */
import { Button, Skeleton, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconClockCheck, IconLock, IconLockOpen } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer, done } from '@/api/client'
import { ALLOWED_MINUTES, allowForNow, exceptionsQuery } from '@/api/exceptions'
import {
  type CardwrightCardsViewsCardView as CardView,
  endException,
  type ExceptionView,
  getCardControls,
  relockCard,
  setCardControls,
} from '@/api/generated'
import { cardQuery } from '@/api/queries'
import { Clock, useSecondsUntil } from '@/components/countdown'
import { MerchantMark } from '@/components/merchant-mark'
import { MerchantPicker, merchantQuery } from '@/components/merchant-picker'
import { Panel } from '@/components/page'
import { Declined, useStepUp } from '@/components/step-up'
import { useTellProblem } from '@/lib/problem-text'

import styles from './cards.module.css'

export function Where({ card }: { card: CardView }): ReactNode {
  const t = useTranslations('card')
  const { data: controls } = useQuery(controlsQuery(card.id))
  const { data: exceptions } = useQuery(exceptionsQuery(card.id))
  const lock = useLocking(card)
  const allow = useAllowing(card)
  const [merchant, setMerchant] = useState<{ id: string; name: string } | null>(null)
  const locked = card.is_merchant_locked ? card.locked_merchant_id : (controls?.allowed.merchants?.[0] ?? null)
  if (card.state === 'canceled') {
    return null
  }
  return (
    <Panel title={t('where')}>
      {!controls && <Skeleton h={48} />}
      {controls && (
        <div className={styles['where']}>
          {locked === null ? (
            <Text c="dimmed">{t(card.is_merchant_locked ? 'waitsForFirst' : 'anywhere')}</Text>
          ) : (
            <Line merchantId={locked} text={t('onlyHere')}>
              {!card.is_merchant_locked && (
                <Button
                  variant="subtle"
                  size="compact-sm"
                  leftSection={<IconLockOpen size={16} />}
                  loading={lock.isPending}
                  onClick={() => lock.mutate(null)}
                >
                  {t('unlock')}
                </Button>
              )}
            </Line>
          )}
          {exceptions?.map((exception) => (
            <Exception key={exception.id} cardId={card.id} exception={exception} />
          ))}
          <div className={styles['pickMerchant']}>
            <MerchantPicker
              label={t('merchant')}
              placeholder={t('merchantHint')}
              nothing={t('merchantNone')}
              value={merchant?.id ?? null}
              choose={setMerchant}
            />
            <div className={styles['changes']}>
              <Button
                variant="default"
                size="sm"
                leftSection={<IconLock size={16} />}
                disabled={merchant === null}
                loading={lock.isPending}
                onClick={() => merchant && lock.mutate(merchant.id, { onSuccess: () => setMerchant(null) })}
              >
                {t('lockTo')}
              </Button>
              {locked !== null && (
                <Button
                  variant="default"
                  size="sm"
                  leftSection={<IconClockCheck size={16} />}
                  disabled={merchant === null}
                  loading={allow.isPending}
                  onClick={() => merchant && allow.mutate(merchant, { onSuccess: () => setMerchant(null) })}
                >
                  {t('allowFor', { minutes: ALLOWED_MINUTES })}
                </Button>
              )}
            </div>
          </div>
        </div>
      )}
    </Panel>
  )
}

const controlsQuery = (cardId: string) =>
  ({
    queryKey: ['cards', cardId, 'controls'],
    queryFn: () => answer(getCardControls({ path: { card_id: cardId } })),
  }) as const

function useUnlessDeclined(): (error: unknown) => void {
  const tell = useTellProblem()
  return (error) => {
    if (!(error instanceof Declined)) {
      tell(error)
    }
  }
}

/** Lock to one merchant, or to none; whatever else is controlled stays as it is. */
function useLocking(card: CardView) {
  const t = useTranslations('card')
  const client = useQueryClient()
  const guarded = useStepUp()
  const tell = useUnlessDeclined()
  const path = { card_id: card.id }
  return useMutation({
    mutationFn: (merchantId: string | null) =>
      guarded(async () => {
        if (card.is_merchant_locked && merchantId !== null) {
          client.setQueryData(cardQuery(card.id).queryKey, await answer(relockCard({ path, body: { merchant_id: merchantId } })))
          return
        }
        const { allowed, blocked } = await client.fetchQuery(controlsQuery(card.id))
        const merchants = merchantId === null ? null : [merchantId]
        await answer(setCardControls({ path, body: { allowed: { ...allowed, merchants }, blocked } }))
      }),
    onSuccess: (_nothing, merchantId) => {
      void client.invalidateQueries({ queryKey: ['cards', card.id] })
      notifications.show({ message: t(merchantId === null ? 'unlockedNow' : 'lockedNow') })
    },
    onError: tell,
  })
}

function useAllowing(card: CardView) {
  const t = useTranslations('card')
  const client = useQueryClient()
  const guarded = useStepUp()
  const tell = useUnlessDeclined()
  return useMutation({
    mutationFn: (merchant: { id: string; name: string }) => guarded(() => allowForNow(card.id, merchant.id)),
    onSuccess: (_made, { name }) => {
      void client.invalidateQueries({ queryKey: exceptionsQuery(card.id).queryKey })
      notifications.show({ message: t('allowedNow', { merchant: name, minutes: ALLOWED_MINUTES }) })
    },
    onError: tell,
  })
}

function Exception({ cardId, exception }: { cardId: string; exception: ExceptionView }): ReactNode {
  const t = useTranslations('card')
  const client = useQueryClient()
  const tell = useTellProblem()
  const left = useSecondsUntil(exception.until)
  const { queryKey } = exceptionsQuery(cardId)
  const end = useMutation({
    mutationFn: () => done(endException({ path: { card_id: cardId, exception_id: exception.id } })),
    onSuccess: () => client.setQueryData(queryKey, (before) => before?.filter(({ id }) => id !== exception.id)),
    onError: tell,
  })
  if (left === 0) {
    return null
  }
  return (
    <Line merchantId={exception.merchant_id} text={t('letThrough')}>
      <Clock seconds={left} />
      <Button variant="subtle" size="compact-sm" loading={end.isPending} onClick={() => end.mutate()}>
        {t('endNow')}
      </Button>
    </Line>
  )
}

function Line({ merchantId, text, children }: { merchantId: string; text: string; children: ReactNode }): ReactNode {
  const t = useTranslations('card')
  const { data: merchant } = useQuery(merchantQuery(merchantId))
  return (
    <div className={styles['whereLine']}>
      {merchant && <MerchantMark merchant={merchant} size={36} />}
      <span className={styles['whereWords']}>
        <strong>
          <bdi>{merchant?.name ?? t('aMerchant')}</bdi>
        </strong>
        <small>{text}</small>
      </span>
      {children}
    </div>
  )
}
