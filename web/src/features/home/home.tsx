import { Skeleton, Text } from '@mantine/core'
import { IconArrowDownLeft, IconCards, IconPlus, IconReceipt } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { cardsQuery, heldQuery, meQuery, paymentsQuery, walletQuery } from '@/api/queries'
import { ButtonLink } from '@/components/button-link'
import { CardFace, frozenLast } from '@/components/card-face'
import { BigMoney, Money } from '@/components/money'
import { Page, Panel } from '@/components/page'
import { PaymentRow } from '@/components/payment-row'
import { EmptyState, ErrorState, ListSkeleton } from '@/components/states'
import { useLanguage } from '@/lib/i18n'
import { formatMoney } from '@/lib/money'

import styles from './home.module.css'
import { FinishSetUp } from './set-up'
import { Spending } from './spending'

const LATEST = 8
const SHOWN = 6
const MOST_FACES = 6

export function Home(): ReactNode {
  const t = useTranslations('home')
  const app = useTranslations('app')
  const { data: me } = useQuery(meQuery)
  const first = me?.profile?.full_name.split(' ')[0]
  return (
    <Page
      title={t('title')}
      heading={first ? t('greeting', { name: first }) : t('title')}
      actions={
        <>
          <ButtonLink to="/cards/new" variant="default" leftSection={<IconPlus size={18} />}>
            {app('newCard')}
          </ButtonLink>
          <ButtonLink to="/top-up" leftSection={<IconArrowDownLeft size={18} />}>
            {app('topUp')}
          </ButtonLink>
        </>
      }
    >
      <FinishSetUp />
      <div className={styles['grid']}>
        <div className={styles['column']}>
          <Balance />
          <YourCards />
          <Latest />
        </div>
        <div className={styles['column']}>
          <Held />
          <Spending />
        </div>
      </div>
    </Page>
  )
}

function Balance(): ReactNode {
  const t = useTranslations('home')
  const { formats } = useLanguage()
  const { data: wallet, error, refetch } = useQuery(walletQuery)
  if (error && !wallet) {
    return (
      <Panel>
        <ErrorState error={error} retry={() => void refetch()} />
      </Panel>
    )
  }
  return (
    <Panel className={styles['balance']}>
      <Text c="dimmed" fw={500}>
        {t('available')}
      </Text>
      {wallet ? (
        <BigMoney amount={wallet.available_balance} currency={wallet.currency} />
      ) : (
        <Skeleton className={styles['bigSkeleton']} />
      )}
      <dl className={styles['figures']}>
        <Figure name={t('posted')}>{wallet && <Money amount={wallet.posted_balance} currency={wallet.currency} />}</Figure>
        <Figure name={t('held')}>{wallet && <Money amount={wallet.held} currency={wallet.currency} />}</Figure>
      </dl>
      {wallet !== undefined && wallet.owed > 0 && (
        <p className={styles['owed']}>{t('owed', { amount: formatMoney(wallet.owed, wallet.currency, formats) })}</p>
      )}
    </Panel>
  )
}

function Figure({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div className={styles['figure']}>
      <dt>{name}</dt>
      <dd>{children ?? <Skeleton h={16} w={72} />}</dd>
    </div>
  )
}

function YourCards(): ReactNode {
  const t = useTranslations('home')
  const common = useTranslations('common')
  const app = useTranslations('app')
  const { data, error, refetch } = useQuery(cardsQuery)
  const open = data
    ?.filter((card) => card.state !== 'canceled')
    .toSorted(frozenLast)
    .slice(0, MOST_FACES)
  const seeAll = (
    <Link to="/cards" className={styles['all']}>
      {common('all')}
    </Link>
  )
  return (
    <Panel title={t('yourCards')} aside={open?.length ? seeAll : undefined} flush>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <div className={styles['strip']}>
          <Skeleton className={styles['faceSkeleton']} />
          <Skeleton className={styles['faceSkeleton']} />
        </div>
      )}
      {open?.length === 0 && (
        <EmptyState
          icon={<IconCards size={28} />}
          title={t('noCardsTitle')}
          text={t('noCardsText')}
          action={
            <ButtonLink to="/cards/new" variant="light">
              {app('newCard')}
            </ButtonLink>
          }
        />
      )}
      {open !== undefined && open.length > 0 && (
        <ul className={styles['strip']}>
          {open.map((card) => (
            <li key={card.id}>
              <Link to="/cards/$cardId" params={{ cardId: card.id }} className={styles['faceLink']}>
                <CardFace card={card} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Latest(): ReactNode {
  const t = useTranslations('home')
  const common = useTranslations('common')
  const { data, error, refetch } = useInfiniteQuery(paymentsQuery({}, LATEST))
  const payments = data?.pages[0]?.data.slice(0, SHOWN)
  const seeAll = (
    <Link to="/activity" className={styles['all']}>
      {common('all')}
    </Link>
  )
  return (
    <Panel title={t('latest')} aside={payments?.length ? seeAll : undefined} flush>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <ListSkeleton rows={SHOWN} />}
      {payments?.length === 0 && (
        <EmptyState icon={<IconReceipt size={28} />} title={t('noActivityTitle')} text={t('noActivityText')} />
      )}
      {payments?.map((payment) => <PaymentRow key={payment.id} payment={payment} dated />)}
    </Panel>
  )
}

function Held(): ReactNode {
  const t = useTranslations('home')
  const { data } = useQuery(heldQuery)
  return (
    <Panel title={t('heldTitle')}>
      {!data && <Skeleton h={20} />}
      {data?.length === 0 && <Text c="dimmed">{t('nothingHeld')}</Text>}
      {data !== undefined && data.length > 0 && (
        <ul className={styles['held']}>
          {data.map((payment) => (
            <li key={payment.id}>
              <Link to="/payments/$paymentId" params={{ paymentId: payment.id }} className={styles['heldLink']}>
                <span>{t('heldText', { merchant: payment.merchant.name })}</span>
                <strong>
                  <Money amount={payment.held} currency={payment.currency} />
                </strong>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
