import { Skeleton } from '@mantine/core'
import { IconBrain } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { RiskModelView } from '@/api/generated'
import { CopyId } from '@/components/copy-id'
import { DetailList } from '@/components/detail-list'
import { Panel } from '@/components/page'
import { EmptyState, ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { readable } from '@/lib/words'

import { modelsQuery } from './queries'
import styles from './rules.module.css'
import { RulesPage } from './section'

const INSTANT = /^\d{4}-\d{2}-\d{2}T/
const ABBREVIATION = 3

/** The models that score payments: what they read, how well they did. They are brought in on the server. */
export function Models(): ReactNode {
  const t = useTranslations('rules')
  const { data, error, refetch } = useQuery(modelsQuery)
  return (
    <RulesPage title={t('models')}>
      <p className={styles['dim']}>{t('modelsText')}</p>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton h={240} radius="lg" />}
      {data?.length === 0 && (
        <Panel>
          <EmptyState icon={<IconBrain size={28} />} title={t('noModelsTitle')} text={t('noModelsText')} />
        </Panel>
      )}
      {data?.map((model) => (
        <Model key={model.id} model={model} />
      ))}
    </RulesPage>
  )
}

function Model({ model }: { model: RiskModelView }): ReactNode {
  const t = useTranslations('rules')
  const { formats } = useLanguage()
  return (
    <Panel title={t('modelVersion', { version: model.version })} aside={model.is_active && <Tag tone="good">{t('scores')}</Tag>}>
      <div className={styles['stack']}>
        <DetailList
          stacked
          rows={[
            [t('made'), formatDay(model.created_at, formats)],
            [t('fingerprint'), <CopyId key="hash" id={model.hash} />],
            ...plain(model.metrics, formats),
            ...plain(model.trained_on, formats),
          ]}
        />
        <div className={styles['tight']}>
          <span className={styles['label']}>{t('features', { count: model.features.length })}</span>
          <code className={`${styles['code']} ${styles['block']}`}>{model.features.join(', ')}</code>
        </div>
      </div>
    </Panel>
  )
}

/** What its maker noted, as far as it is plain. */
function plain(noted: Record<string, unknown>, formats: string): [string, ReactNode][] {
  return Object.entries(noted).flatMap(([name, value]) =>
    typeof value === 'number'
      ? [[titleOf(name), value.toLocaleString(formats, { maximumFractionDigits: 4 })] as [string, ReactNode]]
      : typeof value === 'string'
        ? [[titleOf(name), INSTANT.test(value) ? formatDay(value, formats) : <bdi key={name}>{value}</bdi>] as [string, ReactNode]]
        : [],
  )
}

/** Short names of measures are abbreviations, such as AUC. */
function titleOf(name: string): string {
  return name.length <= ABBREVIATION ? name.toUpperCase() : readable(name)
}
