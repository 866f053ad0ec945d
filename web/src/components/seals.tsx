import { Button, Skeleton } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { SealsView } from '@/api/generated'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import { DetailList } from './detail-list'
import { Panel } from './page'
import styles from './seals.module.css'
import { ErrorState } from './states'
import { Tag } from './tag'

/** How far a log is sealed, and whether everything is as it was sealed: asked of the server, entry by entry. */
export function Seals({ name, read }: { name: string; read: (recompute: boolean) => Promise<SealsView> }): ReactNode {
  const t = useTranslations('operations')
  const { formats } = useLanguage()
  const { data, error, refetch } = useQuery({ queryKey: ['seals', name], queryFn: () => read(false) })
  const compare = useMutation({ mutationFn: () => read(true) })
  const shown = compare.data ?? data
  const isWhole = compare.data?.findings.length === 0
  return (
    <Panel title={t('seals')} aside={compare.data && <Tag tone={isWhole ? 'good' : 'bad'}>{t(isWhole ? 'sealWhole' : 'sealBroken')}</Tag>}>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!shown && !error && <Skeleton h={120} />}
      {shown && (
        <div className={styles['stack']}>
          <DetailList
            stacked
            rows={[
              [t('sealed'), shown.size.toLocaleString(formats)],
              [t('waitingForSeal'), shown.waiting.toLocaleString(formats)],
              [t('sealedAt'), shown.sealed_at && formatMoment(shown.sealed_at, formats)],
            ]}
          />
          {shown.root && (
            <code className={styles['root']} aria-label={t('root')}>
              {shown.root}
            </code>
          )}
          {compare.error && <ErrorState error={compare.error} />}
          {compare.data && compare.data.findings.length > 0 && (
            <ul className={styles['findings']}>
              {compare.data.findings.map(({ subject, what }) => (
                <li key={`${subject} ${what}`}>
                  <code>{subject}</code> {what}
                </li>
              ))}
            </ul>
          )}
          <Button variant="default" size="sm" w="fit-content" loading={compare.isPending} onClick={() => compare.mutate()}>
            {t('compareSeals')}
          </Button>
        </div>
      )}
    </Panel>
  )
}
