import { Button } from '@mantine/core'
import { IconLock, IconLockOpen } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type CSSProperties, type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { personCardsQuery } from '@/api/console-queries'
import { type CardwrightCardsViewsCardView as CardView, lockCard, unlockCard } from '@/api/generated'
import { useMay } from '@/api/may'
import { faceOf } from '@/components/card-face'
import { Panel } from '@/components/page'
import { ReasonDialog } from '@/components/reason-dialog'
import { ErrorState, ListSkeleton } from '@/components/states'
import { Tag, type Tone } from '@/components/tag'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'

import styles from './customer.module.css'

const TONES: Record<CardView['state'], Tone> = { inactive: 'plain', active: 'good', frozen: 'waiting', canceled: 'plain' }

export function Cards({ userId }: { userId: string }): ReactNode {
  const t = useTranslations('customers')
  const { data, error, refetch } = useQuery(personCardsQuery(userId))
  return (
    <Panel title={t('cards')} flush>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <ListSkeleton rows={2} />}
      {data?.length === 0 && <p className={styles['flushText']}>{t('noCards')}</p>}
      {data && data.length > 0 && (
        <ul className={styles['rows']}>
          {data.map((card) => (
            <Card key={card.id} card={card} userId={userId} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Card({ card, userId }: { card: CardView; userId: string }): ReactNode {
  const words = useTranslations('cards')
  const { formats } = useLanguage()
  const may = useMay()
  const face = faceOf(card.colour, card.id)
  const isLocked = card.is_locked_by_staff && card.state !== 'canceled'
  return (
    <li>
      <span
        className={styles['chip']}
        style={{ '--from': `var(--cw-face-${face}-from)`, '--to': `var(--cw-face-${face}-to)` } as CSSProperties}
        aria-hidden
      />
      <span className={styles['words']}>
        <span className={styles['name']}>
          <bdi>{card.label}</bdi> {card.last4 && <bdi dir="ltr">•• {card.last4}</bdi>}
        </span>
        <small>
          {words(card.type)} · {formatDay(card.created_at, formats)}
        </small>
      </span>
      <Tag tone={isLocked ? 'bad' : TONES[card.state]}>{words(isLocked ? 'locked' : card.state)}</Tag>
      {may('cards.lock') && card.state !== 'canceled' && <Locking card={card} userId={userId} />}
    </li>
  )
}

function Locking({ card, userId }: { card: CardView; userId: string }): ReactNode {
  const t = useTranslations('customers')
  const client = useQueryClient()
  const tell = useTellProblem()
  const [asking, setAsking] = useState(false)
  const shown = () => client.invalidateQueries({ queryKey: personCardsQuery(userId).queryKey })
  const path = { card_id: card.id }
  const unlock = useMutation({ mutationFn: () => answer(unlockCard({ path })), onSuccess: shown, onError: tell })
  if (card.is_locked_by_staff) {
    return (
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconLockOpen size={15} />}
        loading={unlock.isPending}
        aria-label={t('unlockNamed', { label: card.label })}
        onClick={() => unlock.mutate()}
      >
        {t('unlock')}
      </Button>
    )
  }
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconLock size={15} />}
        aria-label={t('lockNamed', { label: card.label })}
        onClick={() => setAsking(true)}
      >
        {t('lock')}
      </Button>
      {asking && (
        <ReasonDialog
          title={t('lockNamed', { label: card.label })}
          text={t('lockText')}
          confirm={t('lock')}
          dangerous
          run={async (reason) => {
            await answer(lockCard({ path, body: { reason } }))
            await shown()
          }}
          close={() => setAsking(false)}
        />
      )}
    </>
  )
}
