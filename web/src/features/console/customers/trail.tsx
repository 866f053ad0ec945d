import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { personTrailQuery } from '@/api/console-queries'
import type { MaskedUserOutput } from '@/api/generated'
import { CopyId } from '@/components/copy-id'
import { asList, DataTable } from '@/components/data-table'
import { Panel } from '@/components/page'
import { Who } from '@/components/who'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import styles from './customer.module.css'

/** What was done to somebody lately, and by whom, as the audit trail has it. */
export function Trail({ person: { id: userId, profile } }: { person: MaskedUserOutput }): ReactNode {
  const t = useTranslations('customers')
  const { formats } = useLanguage()
  return (
    <Panel
      title={t('trail')}
      aside={
        <Link to="/console/audit" search={{ subject: userId }} className={styles['all']}>
          {t('wholeTrail')}
        </Link>
      }
      flush
    >
      <DataTable
        label={t('trail')}
        list={asList(useQuery(personTrailQuery(userId)))}
        rowKey={({ id }) => id}
        empty={{ title: t('noTrail'), text: t('noTrailText') }}
        columns={[
          { key: 'act', title: t('act'), width: 'minmax(0, 1.4fr)', cell: ({ action }) => <code className={styles['act']}>{action}</code> },
          { key: 'who', title: t('who'), width: '10rem', cell: ({ actor_id }) => (actor_id === userId ? <CopyId id={userId} name={profile?.full_name} /> : <Who id={actor_id} />) },
          { key: 'when', title: t('when'), width: '8.5rem', from: 'tablet', align: 'end', cell: (entry) => formatMoment(entry.occurred_at, formats) },
        ]}
      />
    </Panel>
  )
}
