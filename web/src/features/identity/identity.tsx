import { Button, Skeleton, Text } from '@mantine/core'
import { IconExternalLink } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { requestIdentityVerification, type StandingOutput } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { identityQuery, meQuery, walletQuery } from '@/api/queries'
import { Money } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { ErrorState } from '@/components/states'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { useTellProblem } from '@/lib/problem-text'

import { Documents } from './documents'
import styles from './identity.module.css'
import { ProfileForm } from './profile-form'

type State = keyof typeof TONES

const TONES = {
  not_started: 'neutral',
  collecting: 'waiting',
  submitted: 'waiting',
  in_review: 'waiting',
  approved: 'good',
  rejected: 'bad',
  reverification_due: 'waiting',
  expired: 'bad',
} as const

export function Identity(): ReactNode {
  const t = useTranslations('identity')
  const { data: me } = useQuery(meQuery)
  const { data: standing } = useQuery(identityQuery)
  return (
    <Page title={t('title')} narrow>
      <IdentityCheck />
      {standing && me?.profile && <Allowance standing={standing} />}
    </Page>
  )
}

/** Whatever is to be done next to be known: the profile, the verifier's page, documents shown here, or waiting. */
export function IdentityCheck(): ReactNode {
  const { data: me } = useQuery(meQuery)
  const { data: standing, error, refetch } = useQuery(identityQuery)
  if (!standing) {
    return error ? <ErrorState error={error} retry={() => void refetch()} /> : <Skeleton h={180} radius="lg" />
  }
  if (me?.profile === null) {
    return <ProfileForm />
  }
  return (
    <>
      <Standing standing={standing} />
      <Documents standing={standing} />
    </>
  )
}

function Standing({ standing }: { standing: StandingOutput }): ReactNode {
  const t = useTranslations('identity')
  const { formats } = useLanguage()
  const client = useQueryClient()
  const intent = useIntent()
  const tell = useTellProblem()
  const state = (standing.status in TONES ? standing.status : 'in_review') as State
  const begin = useMutation({
    mutationFn: () => answer(requestIdentityVerification({ headers: intent.headers() })),
    onSuccess: () => {
      intent.fulfilled()
      return client.invalidateQueries({ queryKey: identityQuery.queryKey })
    },
    onError: tell,
  })
  useRefreshOnReturn()
  return (
    <Panel>
      <div className={styles['standing']} data-testid="identity" data-status={standing.status} aria-live="polite">
        <span className={styles['state']} data-tone={TONES[state]}>
          {t(`states.${state}`)}
        </span>
        <p className={styles['next']}>{t(`next.${state}`)}</p>
        {standing.reason && (
          <p className={styles['reason']}>
            <strong>{t('why')}: </strong>
            {standing.reason}
          </p>
        )}
        {standing.until && <Text c="dimmed">{t('until', { day: formatDay(standing.until, formats) })}</Text>}
        {standing.can_begin && (
          <Button loading={begin.isPending} onClick={() => begin.mutate()}>
            {t('begin')}
          </Button>
        )}
        {standing.url && (
          <>
            <Button component="a" href={standing.url} target="_blank" rel="noreferrer" rightSection={<IconExternalLink size={18} />}>
              {t('goOn')}
            </Button>
            <Text size="sm" c="dimmed">
              {t('goOnText')} {t('refreshing')}
            </Text>
          </>
        )}
      </div>
    </Panel>
  )
}

function Allowance({ standing }: { standing: StandingOutput }): ReactNode {
  const t = useTranslations('identity')
  const currency = useQuery(walletQuery).data?.currency ?? 'USD'
  const money = (amount: number | null) => (amount === null ? t('any') : <Money amount={amount} currency={currency} short />)
  return (
    <Panel title={t('allows')} aside={<Text c="dimmed">{t('level', { level: standing.level })}</Text>}>
      <dl className={styles['allowance']}>
        <div>
          <dt>{t('cards')}</dt>
          <dd>{standing.cards ?? t('any')}</dd>
        </div>
        <div>
          <dt>{t('balance')}</dt>
          <dd>{money(standing.balance)}</dd>
        </div>
        <div>
          <dt>{t('added')}</dt>
          <dd>{money(standing.added_30d)}</dd>
        </div>
      </dl>
    </Panel>
  )
}

/** Whoever comes back from the verifier's page sees at once how it went. */
function useRefreshOnReturn(): void {
  const client = useQueryClient()
  useEffect(() => {
    const look = () => void client.invalidateQueries({ queryKey: identityQuery.queryKey })
    globalThis.addEventListener('focus', look)
    return () => globalThis.removeEventListener('focus', look)
  }, [client])
}
