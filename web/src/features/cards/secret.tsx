/** The one place that knows a card's number: it is fetched, shown for half a minute, and forgotten. */
import { ActionIcon, Button, CopyButton, Text, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy, IconEye } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import {
  type CardNumberView,
  type CardwrightCardsViewsCardView as CardView,
  grantReveal,
  revealNumber,
} from '@/api/generated'
import { ApiError } from '@/api/problems'
import { expiry } from '@/components/card-face'
import { Panel } from '@/components/page'
import { Declined, useStepUp } from '@/components/step-up'
import { useTellProblem } from '@/lib/problem-text'

import styles from './cards.module.css'

const SHOWN_SECONDS = 30
const SECOND_MS = 1_000

export function Secret({ card }: { card: CardView }): ReactNode {
  const t = useTranslations('card')
  const guarded = useStepUp()
  const tell = useTellProblem()
  const [shown, setShown] = useState<CardNumberView | null>(null)
  const [isElsewhere, setIsElsewhere] = useState(false)
  const reveal = useMutation({
    mutationFn: async () => {
      const path = { card_id: card.id }
      const { grant } = await guarded(() => answer(grantReveal({ path })))
      return answer(revealNumber({ path, body: { grant } }))
    },
    // Nothing of the answer stays in the cache of mutations.
    gcTime: 0,
    onSuccess: (number) => {
      setShown(number)
      reveal.reset()
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'reveal_at_processor') {
        setIsElsewhere(true)
      } else if (!(error instanceof Declined)) {
        tell(error)
      }
    },
  })
  if (card.state === 'canceled' || card.last4 === null) {
    return null
  }
  if (shown) {
    return <Number shown={shown} hide={() => setShown(null)} />
  }
  if (isElsewhere) {
    return (
      <Panel title={t('atProcessor')}>
        <Text c="dimmed" size="sm">
          {t('atProcessorText')}
        </Text>
      </Panel>
    )
  }
  return (
    <Button variant="subtle" leftSection={<IconEye size={18} />} loading={reveal.isPending} onClick={() => reveal.mutate()}>
      {t('reveal')}
    </Button>
  )
}

function Number({ shown, hide }: { shown: CardNumberView; hide: () => void }): ReactNode {
  const t = useTranslations('card')
  const left = useCountdown(SHOWN_SECONDS, hide)
  return (
    <Panel>
      <dl className={styles['secret']}>
        <Line name={t('number')} value={shown.number} grouped />
        <Line name={t('expiry')} value={expiry(shown)} />
        {shown.security_code && <Line name={t('securityCode')} value={shown.security_code} />}
      </dl>
      <Button variant="default" size="sm" mt="md" fullWidth onClick={hide}>
        {t('hide')} · {t('hidesIn', { seconds: left })}
      </Button>
    </Panel>
  )
}

function Line({ name, value, grouped = false }: { name: string; value: string; grouped?: boolean }): ReactNode {
  const common = useTranslations('common')
  return (
    <div className={styles['secretLine']}>
      <div>
        <dt>{name}</dt>
        <dd dir="ltr">{grouped ? value.replaceAll(/(?<=^(?:\d{4})+)(?=\d)/g, ' ') : value}</dd>
      </div>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? common('copied') : common('copy')}>
            <ActionIcon variant="subtle" aria-label={`${common('copy')}: ${name}`} onClick={copy}>
              {copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  )
}

function useCountdown(seconds: number, ended: () => void): number {
  const [left, setLeft] = useState(seconds)
  useEffect(() => {
    if (left === 0) {
      ended()
      return
    }
    const timer = setTimeout(() => setLeft(left - 1), SECOND_MS)
    return () => clearTimeout(timer)
  }, [left, ended])
  return left
}
