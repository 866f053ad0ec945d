/** A condition tried on a payment that happened. */
import { Button, Select } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { listPayments, tryCondition } from '@/api/generated'
import { Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { formatMoney } from '@/lib/money'
import { wordOf } from '@/lib/words'

import styles from './rules.module.css'

const NEWEST = 50

export function Trial({ when }: { when: string }): ReactNode {
  const t = useTranslations('rules')
  const outcomes = useTranslations('rules.outcomes')
  const { formats } = useLanguage()
  const payments = useQuery({
    queryKey: ['payments', 'everyone', 'newest'],
    queryFn: async () => (await answer(listPayments({ query: { everyone: true, limit: NEWEST } }))).data,
  })
  const [paymentId, setPaymentId] = useState<string | null>(null)
  const chosen = paymentId ?? payments.data?.[0]?.id ?? null
  const trial = useMutation({
    mutationFn: (payment_id: string) => answer(tryCondition({ body: { when, payment_id } })),
  })
  return (
    <Panel title={t('try')}>
      <div className={styles['tight']}>
        <p className={styles['dim']}>{t('tryText')}</p>
        <div className={styles['deeds']}>
          <Select
            size="sm"
            searchable
            flex={1}
            aria-label={t('payment')}
            placeholder={t('payment')}
            value={chosen}
            onChange={setPaymentId}
            data={(payments.data ?? []).map((payment) => ({
              value: payment.id,
              label: `${payment.merchant.name} · ${formatMoney(payment.amount, payment.currency, formats)} · ${formatMoment(payment.opened_at, formats)}`,
            }))}
          />
          <Button size="sm" variant="light" disabled={!chosen || when.trim() === ''} loading={trial.isPending} onClick={() => chosen && trial.mutate(chosen)}>
            {t('tryNow')}
          </Button>
        </div>
        {trial.error && <ErrorState error={trial.error} />}
        {trial.data && (
          <div className={styles['tight']} role="status">
            <span className={styles['deeds']}>
              {trial.data.holds === null ? (
                <Tag tone="waiting">{t('notRecorded')}</Tag>
              ) : (
                <Tag tone={trial.data.holds ? 'bad' : 'good'}>{t(trial.data.holds ? 'holds' : 'holdsNot')}</Tag>
              )}
              <span className={styles['dim']}>{t('decidedThen', { outcome: wordOf(outcomes, trial.data.outcome) })}</span>
            </span>
            {trial.data.explanation && <code className={`${styles['code']} ${styles['block']}`}>{trial.data.explanation}</code>}
            {trial.data.would_pass && (
              <p className={styles['dim']}>
                {t('otherwise')} <bdi>{trial.data.would_pass}</bdi>
              </p>
            )}
            {trial.data.missing.length > 0 && <p className={styles['dim']}>{t('missing', { fields: trial.data.missing.join(', ') })}</p>}
          </div>
        )}
      </div>
    </Panel>
  )
}
