import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { reviewQuery } from '@/api/console-queries'
import {
  confirmScreeningHit,
  type CardwrightKycScreeningSchemasHitView as Hit,
  dismissScreeningHit,
  type ReviewFileView,
} from '@/api/generated'
import { once } from '@/api/intents'
import { useMay } from '@/api/may'
import { Panel } from '@/components/page'
import { ReasonDialog } from '@/components/reason-dialog'
import { Tag, type Tone } from '@/components/tag'

import styles from './review.module.css'

const TONES: Record<Hit['state'], Tone> = { open: 'waiting', confirmed: 'bad', dismissed: 'good', outdated: 'plain' }

/** Whom of the lists somebody may be: both sides beside each other. */
export function Hits({ file }: { file: ReviewFileView }): ReactNode {
  const t = useTranslations('reviews')
  return (
    <Panel title={t('hits')}>
      {file.hits.length === 0 && <p className={styles['quiet']}>{t('noHits')}</p>}
      {file.hits.map((hit) => (
        <OneHit key={hit.id} hit={hit} reviewId={file.review.id} />
      ))}
    </Panel>
  )
}

function OneHit({ hit, reviewId }: { hit: Hit; reviewId: string }): ReactNode {
  const t = useTranslations('reviews')
  const may = useMay()
  const rows = [
    [t('name'), hit.person.name, hit.listed.name],
    [t('comparedAs'), hit.person.compared_as, hit.listed.compared_as],
    [t('alsoCalled'), null, hit.listed.all_names.filter((name) => name !== hit.listed.name).join('; ')],
    [t('born'), hit.person.date_of_birth, hit.listed.dates_of_birth.join('; ')],
    [t('countries'), null, hit.listed.countries.join(', ')],
    [t('listedFor'), null, hit.listed.programs],
  ] as const
  return (
    <article className={styles['hit']}>
      <div className={styles['hitHead']}>
        <strong>{hit.list}</strong>
        <Tag tone={hit.score >= 90 ? 'bad' : 'waiting'}>{t('alike', { score: hit.score })}</Tag>
        <Tag tone={TONES[hit.state]}>{t(`hit.${hit.state}`)}</Tag>
      </div>
      <table className={styles['compare']}>
        <thead>
          <tr>
            <th>
              <span className="hidden">{t('what')}</span>
            </th>
            <th scope="col">{t('person')}</th>
            <th scope="col">{t('listed')}</th>
          </tr>
        </thead>
        <tbody>
          {rows
            .filter(([, person, listed]) => person || listed)
            .map(([name, person, listed]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <bdi>{person ?? '–'}</bdi>
                </td>
                <td>
                  <bdi>{listed || '–'}</bdi>
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      {hit.state === 'open' && may('screening.decide') && <Judging hit={hit} reviewId={reviewId} />}
    </article>
  )
}

function Judging({ hit, reviewId }: { hit: Hit; reviewId: string }): ReactNode {
  const t = useTranslations('reviews')
  const client = useQueryClient()
  const [asking, setAsking] = useState<'confirm' | 'dismiss' | null>(null)
  const judge = async (reason: string) => {
    const call = { path: { hit_id: hit.id }, body: { reason, version: hit.version }, headers: once() }
    await answer(asking === 'confirm' ? confirmScreeningHit(call) : dismissScreeningHit(call))
    await client.invalidateQueries({ queryKey: reviewQuery(reviewId).queryKey })
  }
  return (
    <div className={styles['deeds']}>
      <Button size="compact-sm" variant="default" onClick={() => setAsking('dismiss')}>
        {t('dismiss')}
      </Button>
      <Button size="compact-sm" variant="light" color="red" onClick={() => setAsking('confirm')}>
        {t('confirm')}
      </Button>
      {asking && (
        <ReasonDialog
          title={t(asking === 'confirm' ? 'confirmTitle' : 'dismissTitle', { name: hit.listed.name })}
          text={hit.needs_administrator ? t('needsAdministrator') : undefined}
          confirm={t(asking)}
          dangerous={asking === 'confirm'}
          run={judge}
          close={() => setAsking(null)}
        />
      )}
    </div>
  )
}
