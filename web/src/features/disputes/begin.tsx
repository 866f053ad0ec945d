/** The first step of a dispute: why. Whatever follows is kept as a draft that can be left and found again. */
import { Skeleton, Text, UnstyledButton } from '@mantine/core'
import {
  IconArrowBackUp,
  IconCopy,
  IconDots,
  IconMoodSad,
  IconPackageOff,
  IconSpy,
  IconToolsOff,
  IconUserX,
} from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { disputeQuery, disputesQuery } from '@/api/disputes'
import { openDispute, type Reason } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { paymentQuery } from '@/api/queries'
import { Money } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { useTellProblem } from '@/lib/problem-text'

import styles from './disputes.module.css'
import { REASONS } from './reasons'

const ICONS: Record<Reason, ReactNode> = {
  fraud: <IconSpy size={22} />,
  not_authorized: <IconUserX size={22} />,
  not_received: <IconPackageOff size={22} />,
  goods_not_as_described: <IconMoodSad size={22} />,
  service_not_as_described: <IconToolsOff size={22} />,
  canceled: <IconArrowBackUp size={22} />,
  charged_twice: <IconCopy size={22} />,
  other: <IconDots size={22} />,
}

export function BeginDispute(): ReactNode {
  const { paymentId } = useParams({ from: '/holder/payments/$paymentId/dispute' })
  const t = useTranslations('disputes')
  const client = useQueryClient()
  const navigate = useNavigate()
  const tell = useTellProblem()
  const intent = useIntent()
  const { data: payment, error, refetch } = useQuery(paymentQuery(paymentId))
  const open = useMutation({
    mutationFn: (reason: Reason) => {
      // Where a merchant collected several times, the last one is meant: it can be changed to another by staff only.
      const charged = payment?.elements.filter(({ kind }) => kind === 'clearing' || kind === 'force_post') ?? []
      const last = charged.at(-1)
      return answer(
        openDispute({
          path: { payment_id: paymentId },
          body: { reason, ...(charged.length > 1 && last ? { sequence: last.sequence } : {}) },
          headers: intent.headers(),
        }),
      )
    },
    onSuccess: (made) => {
      intent.fulfilled()
      client.setQueryData(disputeQuery(made.id).queryKey, made)
      void client.invalidateQueries({ queryKey: disputesQuery.queryKey, exact: true })
      void navigate({ to: '/disputes/$disputeId', params: { disputeId: made.id }, replace: true })
    },
    onError: (failure) => {
      intent.fulfilled()
      tell(failure)
    },
  })
  return (
    <Page title={t('beginTitle')} back={{ to: '/disputes', label: t('title') }}>
      {error && !payment && <ErrorState error={error} retry={() => void refetch()} />}
      {!payment && !error && <Skeleton h={120} radius="lg" />}
      {payment && (
        <>
          <Panel>
            <div className={styles['about']}>
              <span>
                <strong>
                  <bdi>{payment.merchant.name}</bdi>
                </strong>
                <small>{t('claimable')}</small>
              </span>
              <strong className={styles['sum']}>
                <Money amount={payment.posted} currency={payment.currency} />
              </strong>
            </div>
          </Panel>
          <section>
            <h2 className={styles['ask']}>{t('why')}</h2>
            <ul className={styles['picks']}>
              {REASONS.map((reason) => (
                <li key={reason}>
                  <UnstyledButton className={styles['pick']} disabled={open.isPending} onClick={() => open.mutate(reason)}>
                    <span className={styles['pickIcon']} aria-hidden>
                      {ICONS[reason]}
                    </span>
                    <span className={styles['pickWords']}>
                      <strong>{t(`reasons.${reason}`)}</strong>
                      <span>{t(`reasonTexts.${reason}`)}</span>
                    </span>
                  </UnstyledButton>
                </li>
              ))}
            </ul>
          </section>
          <Text c="dimmed" size="sm">
            {t('beginText')}
          </Text>
        </>
      )}
    </Page>
  )
}
