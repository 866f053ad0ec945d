/** What a card is, and what changes it for good: its name and colour, a new number, its end. */
import { Button, Modal, Radio, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconPencil, IconRefresh } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import {
  cancelCard,
  type CardwrightCardsViewsCardView as CardView,
  changeCard,
  replaceCard,
  type ReplacementReason,
} from '@/api/generated'
import { useIntent } from '@/api/intents'
import { cardQuery, cardsQuery } from '@/api/queries'
import { CardFace, type Face, faceOf } from '@/components/card-face'
import { Confirm } from '@/components/confirm'
import { Panel } from '@/components/page'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'

import styles from './cards.module.css'
import { Swatches } from './swatches'

const REASONS = ['lost', 'stolen', 'compromised', 'damaged', 'expiring'] as const satisfies ReplacementReason[]
const LONGEST_LABEL = 60

export function Details({ card }: { card: CardView }): ReactNode {
  const t = useTranslations('card')
  const [asked, setAsked] = useState<'edit' | 'replace' | 'cancel' | null>(null)
  const close = () => setAsked(null)
  return (
    <Panel title={t('details')}>
      <Facts card={card} />
      {card.state === 'canceled' ? (
        <Text c="dimmed" mt="md">
          {t('canceledText')}
        </Text>
      ) : (
        <div className={styles['changes']}>
          <Button variant="default" size="sm" leftSection={<IconPencil size={16} />} onClick={() => setAsked('edit')}>
            {t('edit')}
          </Button>
          {card.replaced_by === null && card.state !== 'inactive' && !card.is_locked_by_staff && (
            <Button variant="default" size="sm" leftSection={<IconRefresh size={16} />} onClick={() => setAsked('replace')}>
              {t('replace')}
            </Button>
          )}
          <Button variant="light" color="red" size="sm" onClick={() => setAsked('cancel')}>
            {t('cancel')}
          </Button>
        </div>
      )}
      {asked === 'edit' && <Edit card={card} close={close} />}
      {asked === 'replace' && <Replace card={card} close={close} />}
      <Canceling card={card} opened={asked === 'cancel'} close={close} />
    </Panel>
  )
}

function Facts({ card }: { card: CardView }): ReactNode {
  const t = useTranslations('card')
  const kinds = useTranslations('cards')
  const { formats } = useLanguage()
  const state = card.is_locked_by_staff && card.state !== 'canceled' ? 'locked' : card.state
  const chain = [
    ['replacedBy', card.replaced_by],
    ['replacementFor', card.replacement_for],
  ] as const
  return (
    <dl className={styles['facts']}>
      <dt>{t('type')}</dt>
      <dd>{kinds(card.type)}</dd>
      <dt>{t('state')}</dt>
      <dd>{kinds(state)}</dd>
      <dt>{t('created')}</dt>
      <dd>{formatDay(card.created_at, formats)}</dd>
      {card.valid_until && (
        <>
          <dt>{t('validUntil')}</dt>
          <dd>{formatDay(card.valid_until, formats)}</dd>
        </>
      )}
      {chain.map(
        ([name, id]) =>
          id !== null && (
            <div key={name} className={styles['fact']}>
              <dt>{t(name)}</dt>
              <dd>
                <Link to="/cards/$cardId" params={{ cardId: id }} className={styles['all']}>
                  {t('seeCard')}
                </Link>
              </dd>
            </div>
          ),
      )}
    </dl>
  )
}

/** The name and the colour show at once, and are taken back if they are refused. */
function Edit({ card, close }: { card: CardView; close: () => void }): ReactNode {
  const t = useTranslations('card')
  const common = useTranslations('common')
  const newCard = useTranslations('newCard')
  const client = useQueryClient()
  const tell = useTellProblem()
  const { queryKey } = cardQuery(card.id)
  const [label, setLabel] = useState(card.label)
  const [face, setFace] = useState<Face>(faceOf(card.colour, card.id))
  const change = useMutation({
    mutationFn: () => answer(changeCard({ path: { card_id: card.id }, body: { label: label.trim(), colour: face } })),
    onMutate: async () => {
      await client.cancelQueries({ queryKey, exact: true })
      client.setQueryData(queryKey, { ...card, label: label.trim(), colour: face })
      close()
    },
    onSuccess: (changed) => {
      client.setQueryData(queryKey, changed)
      void client.invalidateQueries({ queryKey: cardsQuery.queryKey, exact: true })
    },
    onError: (error) => {
      client.setQueryData(queryKey, card)
      tell(error)
    },
  })
  return (
    <Modal opened onClose={close} title={t('edit')} closeButtonProps={{ 'aria-label': common('close') }}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <CardFace card={{ ...card, label: label || ' ', colour: face }} decorative />
        <TextInput
          label={newCard('label')}
          maxLength={LONGEST_LABEL}
          data-autofocus
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <Swatches face={face} choose={setFace} />
        <Button type="submit" disabled={label.trim() === ''}>
          {common('save')}
        </Button>
      </form>
    </Modal>
  )
}

function Replace({ card, close }: { card: CardView; close: () => void }): ReactNode {
  const t = useTranslations('card')
  const common = useTranslations('common')
  const client = useQueryClient()
  const navigate = useNavigate()
  const intent = useIntent()
  const tell = useTellProblem()
  const [reason, setReason] = useState<ReplacementReason>('lost')
  const replace = useMutation({
    mutationFn: () => answer(replaceCard({ path: { card_id: card.id }, body: { reason }, headers: intent.headers() })),
    onSuccess: (made) => {
      intent.fulfilled()
      client.setQueryData(cardQuery(made.id).queryKey, made)
      void client.invalidateQueries({ queryKey: ['cards'] })
      notifications.show({ message: t('replacedNow', { label: card.label }) })
      close()
      void navigate({ to: '/cards/$cardId', params: { cardId: made.id } })
    },
    onError: (error) => {
      intent.fulfilled()
      tell(error)
    },
  })
  return (
    <Modal opened onClose={close} title={t('replaceTitle')} closeButtonProps={{ 'aria-label': common('close') }}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault()
          replace.mutate()
        }}
      >
        <Text>{t('replaceText')}</Text>
        <Radio.Group label={t('replaceWhy')} value={reason} onChange={(chosen) => setReason(chosen as ReplacementReason)}>
          <div className={styles['reasons']}>
            {REASONS.map((known) => (
              <Radio key={known} value={known} label={t(`reasons.${known}`)} description={t(`reasonTexts.${known}`)} />
            ))}
          </div>
        </Radio.Group>
        <Button type="submit" loading={replace.isPending}>
          {t('replaceGo')}
        </Button>
      </form>
    </Modal>
  )
}

function Canceling({ card, opened, close }: { card: CardView; opened: boolean; close: () => void }): ReactNode {
  const t = useTranslations('card')
  const client = useQueryClient()
  const tell = useTellProblem()
  const cancel = useMutation({
    mutationFn: () => answer(cancelCard({ path: { card_id: card.id }, body: { reason: 'holder' } })),
    onSuccess: (changed) => {
      client.setQueryData(cardQuery(card.id).queryKey, changed)
      void client.invalidateQueries({ queryKey: cardsQuery.queryKey, exact: true })
      notifications.show({ message: t('canceledNow', { label: card.label }) })
      close()
    },
    onError: tell,
  })
  return (
    <Confirm
      opened={opened}
      close={close}
      title={t('cancelTitle', { label: card.label })}
      text={t('cancelText')}
      keep={t('cancelKeep')}
      go={t('cancel')}
      isPending={cancel.isPending}
      onGo={() => cancel.mutate()}
    />
  )
}
