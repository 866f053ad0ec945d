import { Button, Modal, Skeleton, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type CSSProperties, type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import {
  type CardwrightCardsViewsCardView as CardView,
  type LimitUsageView,
  setCardLimits,
} from '@/api/generated'
import { cardLimitsQuery, cardQuery } from '@/api/queries'
import { Panel } from '@/components/page'
import { Declined, useStepUp } from '@/components/step-up'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { formatMoney, parseMoney, toDecimal } from '@/lib/money'
import { useTellProblem } from '@/lib/problem-text'

import styles from './cards.module.css'

const HOUR_SECONDS = 3_600
const NEARLY = 0.8
const WHOLE = 100
const EXAMPLE = 150_00

/** Every limit that holds for a card: what is used, what is left, when it starts anew. */
export function Limits({ card }: { card: CardView }): ReactNode {
  const t = useTranslations('card')
  const { data } = useQuery(cardLimitsQuery(card.id))
  const [changing, setChanging] = useState(false)
  const canChange = card.state !== 'canceled'
  return (
    <Panel
      title={t('limits')}
      aside={
        canChange && (
          <Button variant="subtle" size="compact-sm" onClick={() => setChanging(true)}>
            {t('changeLimit')}
          </Button>
        )
      }
    >
      {!data && <Skeleton h={56} />}
      {data?.length === 0 && <Text c="dimmed">{t('noLimits')}</Text>}
      {data !== undefined && data.length > 0 && (
        <ul className={styles['limits']}>
          {data.map((limit) => (
            <Limit key={keyOf(limit)} limit={limit} currency={card.currency} />
          ))}
        </ul>
      )}
      {changing && <Change card={card} close={() => setChanging(false)} />}
    </Panel>
  )
}

function Limit({ limit, currency }: { limit: LimitUsageView; currency: string }): ReactNode {
  const t = useTranslations('card')
  const windows = useTranslations('cards.windows')
  const { formats } = useLanguage()
  const isMoney = limit.measure === 'amount'
  const text = (value: number) => (isMoney ? formatMoney(value, currency, formats, { short: true }) : String(value))
  const share = limit.limit > 0 ? Math.min(1, limit.used / limit.limit) : 1
  const hours = Math.round((limit.span_seconds ?? 0) / HOUR_SECONDS)
  const name = limit.measure === 'uses' ? windows('uses') : windows(limit.window, { hours })
  return (
    <li>
      <div className={styles['limitHead']}>
        <span>
          {name}
          {limit.scope !== 'card' && <small>{t(`scopes.${limit.scope}`)}</small>}
        </span>
        <bdi className="figures">
          {isMoney
            ? t('remaining', { amount: text(Math.max(0, limit.remaining)) })
            : t('uses', { count: Math.max(0, limit.remaining) })}
        </bdi>
      </div>
      <div
        className={styles['meter']}
        role="meter"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={limit.limit}
        aria-valuenow={Math.min(limit.used, limit.limit)}
        aria-valuetext={t('usedOf', { used: text(limit.used), limit: text(limit.limit) })}
        data-nearly={(share >= NEARLY && share < 1) || undefined}
        data-full={share >= 1 || undefined}
        style={{ '--share': `${share * WHOLE}%` } as CSSProperties}
      >
        <span />
      </div>
      <div className={styles['limitFoot']}>
        <span className="figures">
          {t(isMoney ? 'usedOf' : 'countOf', { used: text(limit.used), limit: text(limit.limit) })}
        </span>
        {limit.resets_at && <span>{t('resets', { when: formatMoment(limit.resets_at, formats) })}</span>}
      </div>
    </li>
  )
}

const WINDOWS = ['per_authorization', 'day', 'week', 'month', 'year'] as const
type Typed = Record<(typeof WINDOWS)[number], string>

/** Limits of whole windows can be changed here; those of rolling windows or of some merchants only stay as they are. */
function isPlain(limit: CardView['limits'][number]): boolean {
  return limit.amount !== null && limit.only === null && WINDOWS.some((known) => known === limit.window)
}

function Change({ card, close }: { card: CardView; close: () => void }): ReactNode {
  const t = useTranslations('card')
  const windows = useTranslations('cards.windows')
  const common = useTranslations('common')
  const newCard = useTranslations('newCard')
  const { formats } = useLanguage()
  const save = useSaving(card, close)
  const [typed, setTyped] = useState<Typed>(() => written(card))
  const wrong = (text: string) => text !== '' && !parseMoney(text, card.currency)
  return (
    <Modal opened onClose={close} title={t('changeLimit')} closeButtonProps={{ 'aria-label': common('close') }}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(typed)
        }}
      >
        <Text c="dimmed" size="sm">
          {t('limitText')}
        </Text>
        {WINDOWS.map((window) => (
          <TextInput
            key={window}
            label={windows(window, { hours: 0 })}
            inputMode="decimal"
            dir="ltr"
            data-autofocus={window === 'month' || undefined}
            value={typed[window]}
            rightSection={<Text c="dimmed">{card.currency}</Text>}
            rightSectionWidth={60}
            error={
              wrong(typed[window])
                ? newCard('limitInvalid', { example: formatMoney(EXAMPLE, card.currency, formats) })
                : undefined
            }
            onChange={(event) => setTyped({ ...typed, [window]: event.currentTarget.value })}
          />
        ))}
        <Button type="submit" loading={save.isPending} disabled={Object.values(typed).some((text) => wrong(text))}>
          {common('save')}
        </Button>
      </form>
    </Modal>
  )
}

function written(card: CardView): Typed {
  const texts = WINDOWS.map((window) => {
    const found = card.limits.find((limit) => limit.window === window && isPlain(limit))
    return [window, found?.amount ? toDecimal(found.amount, card.currency) : ''] as const
  })
  return Object.fromEntries(texts) as Typed
}

function useSaving(card: CardView, close: () => void) {
  const t = useTranslations('card')
  const client = useQueryClient()
  const tell = useTellProblem()
  const guarded = useStepUp()
  return useMutation({
    mutationFn: (typed: Typed) => {
      const plain = WINDOWS.flatMap((window) => {
        const amount = typed[window] === '' ? null : parseMoney(typed[window], card.currency)
        return amount === null ? [] : [{ window, amount }]
      })
      const limits = [...card.limits.filter((limit) => !isPlain(limit)), ...plain]
      return guarded(() => answer(setCardLimits({ path: { card_id: card.id }, body: { limits } })))
    },
    onSuccess: (changed) => {
      client.setQueryData(cardQuery(card.id).queryKey, changed)
      void client.invalidateQueries({ queryKey: cardLimitsQuery(card.id).queryKey })
      notifications.show({ message: t('limitSaved') })
      close()
    },
    onError: (error) => (error instanceof Declined ? close() : tell(error)),
  })
}

function keyOf(limit: LimitUsageView): string {
  return [limit.scope, limit.window, limit.span_seconds, limit.measure, JSON.stringify(limit.only)].join('/')
}
