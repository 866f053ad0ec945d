import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { OverviewView } from '@/api/generated'
import { DetailList } from '@/components/detail-list'
import { Ago } from '@/components/due'
import { Tag } from '@/components/tag'
import { brandName, wordOf } from '@/lib/words'

import styles from './overview.module.css'

const MANY_WAIT = 20

/** Which vendors report to us, when they did last, and what of it is still to be handled. */
export function Senders({ figures }: { figures: OverviewView }): ReactNode {
  const t = useTranslations('overview')
  if (figures.senders.length === 0) {
    return <p className={styles['quiet']}>{t('nobodyReported')}</p>
  }
  return (
    <DetailList
      rows={figures.senders.map(({ source, heard_at: heard, waiting }) => [
        brandName(source),
        <span key={source} className={styles['waits']}>
          <Ago at={heard} />
          {waiting > 0 && <Tag tone={waiting > MANY_WAIT ? 'bad' : 'waiting'}>{t('unhandled', { count: waiting })}</Tag>}
        </span>,
      ])}
    />
  )
}

/** How many messages of each channel did not arrive. */
export function Channels({ figures }: { figures: OverviewView }): ReactNode {
  const t = useTranslations('overview')
  const names = useTranslations('customers')
  return (
    <>
      <h3 className={styles['subhead']}>{t('messages')}</h3>
      {figures.channels.length === 0 && <p className={styles['quiet']}>{t('noMessages')}</p>}
      <DetailList
        rows={figures.channels.map(({ name, messages, failed }) => [
          wordOf(names, name),
          <span key={name} className={styles['waits']}>
            {t('sent', { count: messages })}
            {failed > 0 && <Tag tone="bad">{t('failed', { count: failed })}</Tag>}
          </span>,
        ])}
      />
    </>
  )
}
