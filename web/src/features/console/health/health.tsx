/** What the API tells of the installation: whether it answers, what messages fail, what does not agree, what is old. */
import { Skeleton } from '@mantine/core'
import { IconCircleCheck, IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { countDifferences, countMessageFailures, getReadiness, listCardDrifts, listRiskModels, listScreeningLists, getAuditSeals } from '@/api/generated'
import { useMay } from '@/api/may'
import { Page, Panel } from '@/components/page'
import { useLanguage } from '@/lib/i18n'
import { formatDay } from '@/lib/dates'

import styles from './health.module.css'

const LIVE_MS = 10_000
const OLD_DAYS = 8
const DAY_MS = 86_400_000
const MOST_WAITING = 200

interface Finding {
  isGood: boolean
  said: string
}

export function HealthPage(): ReactNode {
  const t = useTranslations('operations')
  const { formats } = useLanguage()
  return (
    <Page title={t('health')} narrow>
      <Panel flush>
        <ul className={styles['list']}>
          <Check
            name={t('checks_.ready')}
            needs={null}
            look={async () => {
              await answer(getReadiness())
              return { isGood: true, said: t('answersNow') }
            }}
          />
          <Check
            name={t('checks_.messages')}
            needs="message_deliveries.read"
            look={async () => {
              const failed = (await answer(countMessageFailures())).data.filter(({ state }) => state === 'failed' || state === 'undeliverable').reduce((sum, { number }) => sum + number, 0)
              return { isGood: failed === 0, said: t('messageFailures', { count: failed }) }
            }}
          />
          <Check
            name={t('checks_.books')}
            needs="reconciliation.read"
            look={async () => {
              const open = (await answer(countDifferences())).reduce((sum, { count }) => sum + count, 0)
              return { isGood: open === 0, said: t('openDifferences', { count: open }) }
            }}
          />
          <Check
            name={t('checks_.seals')}
            needs="audit.read"
            look={async () => {
              const { waiting } = await answer(getAuditSeals())
              return { isGood: waiting < MOST_WAITING, said: t('sealsWaiting', { count: waiting }) }
            }}
          />
          <Check
            name={t('checks_.cards')}
            needs="card_drifts.read"
            look={async () => {
              const drifts = (await answer(listCardDrifts({ query: { limit: 100 } }))).data.filter((drift) => drift.repaired_at === null)
              return { isGood: drifts.length === 0, said: t('openDrifts', { count: drifts.length }) }
            }}
          />
          <Check
            name={t('checks_.screening')}
            needs="screening.read"
            look={async () => {
              const lists = (await answer(listScreeningLists())).data.filter((list) => list.is_active)
              const oldest = lists.map((list) => list.imported_at).toSorted()[0]
              const isOld = oldest !== undefined && Date.now() - Date.parse(oldest) > OLD_DAYS * DAY_MS
              return { isGood: lists.length > 0 && !isOld, said: oldest ? t('listsFrom', { count: lists.length, day: formatDay(oldest, formats) }) : t('noScreeningLists') }
            }}
          />
          <Check
            name={t('checks_.model')}
            needs="rules.read"
            look={async () => {
              const active = (await answer(listRiskModels())).find((model) => model.is_active)
              return { isGood: active !== undefined, said: active ? t('modelScores', { version: active.version }) : t('noModelScores') }
            }}
          />
        </ul>
      </Panel>
      <p className={styles['dim']}>{t('doctorText')}</p>
    </Page>
  )
}

/** One look at the installation; what a role does not reach is left out. */
function Check({ name, needs, look }: { name: string; needs: string | null; look: () => Promise<Finding> }): ReactNode {
  const t = useTranslations('operations')
  const may = useMay()
  const isReached = needs === null || may(needs)
  const { data, isPending } = useQuery({
    queryKey: ['health', name],
    queryFn: () => look().catch((): Finding => ({ isGood: false, said: t('noAnswer') })),
    enabled: isReached,
    refetchInterval: LIVE_MS,
  })
  if (!isReached) {
    return null
  }
  const Mark = data?.isGood ? IconCircleCheck : IconAlertTriangle
  return (
    <li data-bad={(data && !data.isGood) || undefined}>
      {isPending ? <Skeleton circle h={20} w={20} /> : <Mark size={20} role="img" aria-label={t(data?.isGood ? 'good' : 'look')} />}
      <strong>{name}</strong>
      <span>{isPending ? <Skeleton h={12} w={120} /> : data?.said}</span>
    </li>
  )
}
