/** A case: the payment, the rules that matched, what happened around it, what is like it, and the decision. */
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { caseQuery, evidenceQuery } from '@/api/console-queries'
import type { CardwrightCasesSchemasCaseView as CaseView } from '@/api/generated'
import { CopyId } from '@/components/copy-id'
import { Due } from '@/components/due'
import { Money } from '@/components/money'
import { Columns, Head, Opened } from '@/components/opened'
import { PersonLink } from '@/components/person-link'
import { Tag } from '@/components/tag'
import { Who } from '@/components/who'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { merchantName } from '@/lib/words'

import { Around, Similar } from './around'
import { Deciding } from './deciding'
import { CaseHistory } from './history'
import { Rules } from './rules'

export function Case({ caseId }: { caseId: string }): ReactNode {
  const { data: evidence } = useQuery(evidenceQuery(caseId))
  return (
    <Opened query={useQuery(caseQuery(caseId))}>
      {(file) => (
        <>
          <Payment found={file.case} level={evidence?.kyc_level} />
          <Columns>
            <>
              {evidence ? <Rules evidence={evidence} /> : <Skeleton h={180} radius="lg" />}
              {evidence && <Similar evidence={evidence} />}
            </>
            <>
              <CaseHistory file={file} evidence={evidence} />
              {evidence && <Around evidence={evidence} />}
            </>
          </Columns>
          <Deciding found={file.case} />
        </>
      )}
    </Opened>
  )
}

function Payment({ found, level }: { found: CaseView; level: number | undefined }): ReactNode {
  const t = useTranslations('cases')
  const queue = useTranslations('queue')
  const { formats } = useLanguage()
  return (
    <Head
      title={<bdi>{merchantName(found.merchant_name)}</bdi>}
      tags={
        <>
          <Tag tone={found.state === 'resolved' ? (found.finding === 'fraud' ? 'bad' : 'good') : 'waiting'}>{t(found.finding ?? found.state)}</Tag>
          <Tag tone={found.priority === 'high' ? 'bad' : 'plain'}>{t(found.priority)}</Tag>
          {found.state !== 'resolved' && <Due at={found.due_at} />}
          {found.answer && <Tag tone={found.answer === 'no' ? 'bad' : 'good'}>{t(`answer_${found.answer}`)}</Tag>}
        </>
      }
      sum={<Money amount={found.amount} currency={found.currency} />}
      facts={[
        [t('holder'), <PersonLink key="who" id={found.user_id} />],
        [t('card'), found.last4 && <bdi key="card" dir="ltr">•• {found.last4}</bdi>],
        [t('score'), found.score === null ? null : String(found.score)],
        [t('level'), level === undefined ? null : String(level)],
        [t('opened'), formatMoment(found.opened_at, formats)],
        [queue('assignee'), found.assignee_id === null ? queue('nobody') : <Who key="assignee" id={found.assignee_id} />],
        [t('payment'), <CopyId key="id" id={found.payment_id} />],
      ]}
    />
  )
}
