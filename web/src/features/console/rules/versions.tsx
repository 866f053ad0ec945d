/** The published versions: what each changed, and the way back to it in one call. */
import { Button, Skeleton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { rollRulebookBack, type RulebookView } from '@/api/generated'
import { useMay } from '@/api/may'
import { Panel } from '@/components/page'
import { ReasonDialog } from '@/components/reason-dialog'
import { EmptyState, ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'
import { Who } from '@/components/who'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import { changesBetween, RuleChanges } from './differences'
import { versionsQuery } from './queries'
import styles from './rules.module.css'
import { RulesPage } from './section'

export function Versions(): ReactNode {
  const t = useTranslations('rules')
  const common = useTranslations('common')
  const query = useInfiniteQuery(versionsQuery)
  const versions = query.data?.pages.flat() ?? []
  const [chosen, setChosen] = useState<RulebookView | null>(null)
  return (
    <RulesPage title={t('versions')}>
      {query.error && !query.data && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Skeleton h={320} radius="lg" />}
      {query.data && versions.length === 0 && (
        <Panel>
          <EmptyState icon={<IconHistory size={28} />} title={t('noVersionsTitle')} text={t('noRulesText')} />
        </Panel>
      )}
      {versions.length > 0 && (
        <Panel flush>
          {versions.map((version, at) => (
            <Version key={version.version} version={version} before={versions[at + 1]} isActive={at === 0} choose={setChosen} />
          ))}
        </Panel>
      )}
      {query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {common('more')}
        </Button>
      )}
      {chosen && <GoBack version={chosen} close={() => setChosen(null)} />}
    </RulesPage>
  )
}

function Version({
  version,
  before,
  isActive,
  choose,
}: {
  version: RulebookView
  before: RulebookView | undefined
  isActive: boolean
  choose: (version: RulebookView) => void
}): ReactNode {
  const t = useTranslations('rules')
  const may = useMay()
  const { formats } = useLanguage()
  const [shown, setShown] = useState(false)
  const changes = changesBetween(before?.rules ?? [], version.rules)
  const count = Object.keys(changes).length
  return (
    <article className={styles['version']}>
      <div className={styles['spread']}>
        <span className={styles['deeds']}>
          <h2>{t('versionNumber', { version: version.version })}</h2>
          {isActive && <Tag tone="good">{t('decides')}</Tag>}
          {version.restores && <Tag>{t('restores', { version: version.restores })}</Tag>}
          {version.approval_id && <Tag>{t('twoPeople')}</Tag>}
        </span>
        <span className={styles['dim']}>{version.published_at && formatMoment(version.published_at, formats)}</span>
      </div>
      {version.note && <p dir="auto">{version.note}</p>}
      <div className={styles['spread']}>
        <span className={styles['dim']}>
          {t('ruleCount', { count: version.rules.length })} · {version.author_id && <Who id={version.author_id} />}
        </span>
        <span className={styles['deeds']}>
          <Button size="compact-sm" variant="subtle" aria-expanded={shown} disabled={count === 0} onClick={() => setShown(!shown)}>
            {t('changeCount', { count })}
          </Button>
          {!isActive && may('rules.write') && (
            <Button size="compact-sm" variant="default" onClick={() => choose(version)}>
              {t('goBack')}
            </Button>
          )}
        </span>
      </div>
      {shown && <RuleChanges changes={changes} />}
    </article>
  )
}

function GoBack({ version, close }: { version: RulebookView; close: () => void }): ReactNode {
  const t = useTranslations('rules')
  const client = useQueryClient()
  return (
    <ReasonDialog
      title={t('goBackTitle', { version: version.version })}
      text={t('goBackText')}
      confirm={t('goBack')}
      run={async (reason) => {
        await answer(rollRulebookBack({ body: { version: version.version, reason } }))
        notifications.show({ message: t('wentBack', { version: version.version }) })
        await client.invalidateQueries({ queryKey: ['rules'] })
      }}
      close={close}
    />
  )
}
