/** The steps of setting up: the pages of the single things, one after the other. */
import { Skeleton } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { cardsQuery, factorsQuery, identityQuery } from '@/api/queries'
import { type Step, useSetUp } from '@/api/set-up'
import { ButtonLink } from '@/components/button-link'
import { CardFace } from '@/components/card-face'
import { Panel } from '@/components/page'
import { EmptyState } from '@/components/states'
import { CreateCard } from '@/features/cards/new-card'
import { IdentityCheck } from '@/features/identity/identity'
import { AddMoney } from '@/features/money/top-up'
import { Passkeys, RecoveryCodes } from '@/features/security/passkeys'

import styles from './set-up.module.css'

const WITH_US: ReadonlySet<string> = new Set(['submitted', 'in_review'])

/** Leads to wherever somebody left off. */
export function GoOn(): ReactNode {
  const found = useSetUp()
  if (!found) {
    return <Skeleton className={styles['step'] ?? ''} h={320} radius="lg" />
  }
  return <Navigate to={found.next === null ? '/set-up/done' : `/set-up/${found.next}`} replace />
}

export function PasskeyStep(): ReactNode {
  const t = useTranslations('setUp')
  const { data: factors } = useQuery(factorsQuery)
  const [codes, setCodes] = useState<readonly string[]>([])
  return (
    <StepPage
      step="passkey"
      foot={
        <ButtonLink to="/set-up/identity" variant="default">
          {t('skip')}
        </ButtonLink>
      }
    >
      {factors ? <Passkeys factors={factors} given={setCodes} /> : <Skeleton h={180} radius="lg" />}
      <RecoveryCodes codes={codes} close={() => setCodes([])} />
    </StepPage>
  )
}

export function IdentityStep(): ReactNode {
  const t = useTranslations('setUp')
  const { data: standing } = useQuery(identityQuery)
  return (
    <StepPage step="identity" foot={standing && WITH_US.has(standing.status) && <p>{t('identityWaits')}</p>}>
      <IdentityCheck />
    </StepPage>
  )
}

export function MoneyStep(): ReactNode {
  return (
    <StepPage step="money">
      <AddMoney onward={null} />
    </StepPage>
  )
}

export function CardStep(): ReactNode {
  return (
    <StepPage step="card">
      <CreateCard onward={() => null} />
    </StepPage>
  )
}

/** One step: what it is for, the thing itself, and the way on once the API says that it is done. */
function StepPage({ step, foot, children }: { step: Step; foot?: ReactNode; children: ReactNode }): ReactNode {
  const t = useTranslations('setUp')
  const here = useSetUp()?.steps.find((each) => each.step === step)
  const title = t(`${step}Title`)
  return (
    <div className={styles['step']}>
      <title>{`${title} · Cardwright`}</title>
      <div className={styles['words']}>
        <h1>{title}</h1>
        <p>{t(`${step}Text`)}</p>
      </div>
      {here?.isReachable === false ? (
        <Panel>
          <EmptyState icon={<IconLock size={28} />} title={t('first')} text={t('firstText')} action={<ButtonLink to="/set-up">{t('goOn')}</ButtonLink>} />
        </Panel>
      ) : (
        children
      )}
      <div className={styles['foot']} data-done={here?.isDone || undefined} aria-live="polite">
        {here?.isDone ? (
          <>
            <p>{t(`${step}Done`)}</p>
            <ButtonLink to="/set-up">{t('goOn')}</ButtonLink>
          </>
        ) : (
          foot
        )}
      </div>
    </div>
  )
}

/** Nothing is missing any more. */
export function Done(): ReactNode {
  const t = useTranslations('setUp')
  const next = useSetUp()?.next
  const cards = useQuery(cardsQuery).data?.filter(({ state }) => state !== 'canceled')
  const card = cards?.find(({ state }) => state === 'active') ?? cards?.[0]
  if (next) {
    return <Navigate to="/set-up" replace />
  }
  return (
    <div className={styles['step']}>
      <title>{`${t('doneTitle')} · Cardwright`}</title>
      <div className={styles['done']}>
        {card && (
          <div className={styles['face']}>
            <CardFace card={card} />
          </div>
        )}
        <div className={styles['words']}>
          <h1>{t('doneTitle')}</h1>
          <p>{t('doneText')}</p>
        </div>
        <div className={styles['deeds']}>
          <ButtonLink to="/cards" variant="default">
            {t('seeCards')}
          </ButtonLink>
          <ButtonLink to="/">{t('toHome')}</ButtonLink>
        </div>
      </div>
    </div>
  )
}
