import { Text } from '@mantine/core'
import { IconCheck, IconChevronRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { cardsQuery, identityQuery, walletQuery } from '@/api/queries'
import { Panel } from '@/components/page'

import styles from './home.module.css'

/** What a newcomer does before the first payment, in order; it is gone once all of it is done. */
export function SetUp(): ReactNode {
  const t = useTranslations('home')
  const identity = useQuery(identityQuery).data
  const wallet = useQuery(walletQuery).data
  const cards = useQuery(cardsQuery).data
  if (!identity || !wallet || !cards) {
    return null
  }
  const steps = [
    { to: '/identity', title: t('stepIdentity'), text: t('stepIdentityText'), isDone: identity.level > 1 },
    { to: '/top-up', title: t('stepMoney'), text: t('stepMoneyText'), isDone: wallet.posted_balance > 0 || cards.length > 0 },
    { to: '/cards/new', title: t('stepCard'), text: t('stepCardText'), isDone: cards.length > 0 },
  ] as const
  const done = steps.filter((step) => step.isDone).length
  if (done === steps.length) {
    return null
  }
  const next = steps.find((step) => !step.isDone)
  return (
    <Panel
      title={t('setUp')}
      aside={
        <Text c="dimmed" size="sm">
          {t('setUpText', { done, all: steps.length })}
        </Text>
      }
    >
      <ol className={styles['steps']}>
        {steps.map((step, place) => (
          <li key={step.to} data-done={step.isDone || undefined} data-next={step === next || undefined}>
            <Link to={step.to} className={styles['step']}>
              <span className={styles['tick']} aria-hidden>
                {step.isDone ? <IconCheck size={16} /> : place + 1}
              </span>
              <span className={styles['stepWords']}>
                <span>{step.title}</span>
                <small>{step.text}</small>
              </span>
              <IconChevronRight size={18} className={styles['chevron']} aria-hidden />
            </Link>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
