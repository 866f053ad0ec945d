/** A case: the payment, the rules that matched, what happened around it, what is like it, and the decision. */
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { caseQuery, evidenceQuery } from '@/api/console-queries'
import type { CardwrightCasesSchemasCaseView as CaseView } from '@/api/generated'
import { meQuery } from '@/api/queries'
import { CopyId } from '@/components/copy-id'
import { DetailList } from '@/components/detail-list'
import { Due } from '@/components/due'
import { Money } from '@/components/money'
import { Panel } from '@/components/page'
import { PersonLink } from '@/components/person-link'
import { ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { merchantName } from '@/lib/words'

import styles from './cases.module.css'
import { Deciding } from './deciding'
import { Around, Similar } from './around'
import { History } from './history'
import { Rules } from './rules'

export function Case({ caseId }: { caseId: string }): ReactNode {
  const { data: file, error, refetch } = useQuery(caseQuery(caseId))
  const { data: evidence } = useQuery(evidenceQuery(caseId))
  if (!file) {
    return (
      <Panel>{error ? <ErrorState error={error} retry={() => void refetch()} /> : <Skeleton h={360} radius="lg" />}</Panel>
    )
  }
  return (
    <div className={styles['case']}>
      <Head found={file.case} level={evidence?.kyc_level} />
      <div className={styles['two']}>
        <div className={styles['column']}>
          {evidence ? <Rules evidence={evidence} /> : <Skeleton h={180} radius="lg" />}
          {evidence && <Similar evidence={evidence} />}
        </div>
        <div className={styles['column']}>
          <History file={file} evidence={evidence} />
          {evidence && <Around evidence={evidence} />}
        </div>
      </div>
      <Deciding found={file.case} />
    </div>
  )
}

function Head({ found, level }: { found: CaseView; level: number | undefined }): ReactNode {
  const t = useTranslations('cases')
  const { formats } = useLanguage()
  const { data: me } = useQuery(meQuery)
  const assignee = found.assignee_id === me?.id ? t('you') : found.assignee_id && `…${found.assignee_id.slice(-8)}`
  return (
    <Panel>
      <div className={styles['head']}>
        <div>
          <h2>
            <bdi>{merchantName(found.merchant_name)}</bdi>
          </h2>
          <div className={styles['tags']}>
            <Tag tone={found.state === 'resolved' ? (found.finding === 'fraud' ? 'bad' : 'good') : 'waiting'}>{t(found.finding ?? found.state)}</Tag>
            <Tag tone={found.priority === 'high' ? 'bad' : 'plain'}>{t(found.priority)}</Tag>
            {found.state !== 'resolved' && <Due at={found.due_at} />}
            {found.answer && <Tag tone={found.answer === 'no' ? 'bad' : 'good'}>{t(`answer_${found.answer}`)}</Tag>}
          </div>
        </div>
        <span className={styles['sum']}>
          <Money amount={found.amount} currency={found.currency} />
        </span>
      </div>
      <div className={styles['facts']}>
        <DetailList
          stacked
          rows={[
            [t('holder'), <PersonLink key="who" id={found.user_id} />],
            [t('card'), found.last4 && <bdi key="card" dir="ltr">•• {found.last4}</bdi>],
            [t('score'), found.score === null ? null : String(found.score)],
            [t('level'), level === undefined ? null : String(level)],
            [t('opened'), formatMoment(found.opened_at, formats)],
            [t('assignee'), assignee ?? t('nobody')],
            [t('payment'), <CopyId key="id" id={found.payment_id} />],
          ]}
        />
      </div>
    </Panel>
  )
}
