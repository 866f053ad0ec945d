/** A document as its holder took it: pages, zoom, rotation, by pointer and by keyboard. */
import { ActionIcon, Button, Group, Tooltip } from '@mantine/core'
import {
  IconChevronLeft,
  IconChevronRight,
  IconEye,
  IconRotate,
  IconRotateClockwise,
  IconZoomIn,
  IconZoomOut,
  IconZoomReset,
} from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { type DocumentView, openIdentityDocument } from '@/api/generated'
import { once } from '@/api/intents'
import { EmptyState } from '@/components/states'
import { useKeys } from '@/lib/keys'
import { useTellProblem } from '@/lib/problem-text'

import styles from './review.module.css'

const LEAST = 1
const MOST = 6
const STEP = 1.4
const QUARTER = 90

/** Nothing is shown before it is asked for: each look is on the audit trail. */
export function Viewer({ document }: { document: DocumentView }): ReactNode {
  const t = useTranslations('reviews')
  const tell = useTellProblem()
  const look = useMutation({
    mutationFn: () => answer(openIdentityDocument({ path: { document_id: document.id }, headers: once() })),
    onError: tell,
  })
  useKeys([['o', () => look.mutate()]])
  if (document.erased_at !== null) {
    return <EmptyState icon={<IconEye size={28} />} title={t('erasedTitle')} text={t('erasedText')} />
  }
  if (!look.data) {
    return (
      <EmptyState
        icon={<IconEye size={28} />}
        title={t(document.kind)}
        text={t('lookText')}
        action={
          <Button loading={look.isPending} onClick={() => look.mutate()} aria-keyshortcuts="o">
            {t('look')}
          </Button>
        }
      />
    )
  }
  return <Pages key={look.data.id} document={document} viewId={look.data.id} pages={look.data.pages} again={() => look.mutate()} />
}

function Pages({ document, viewId, pages, again }: { document: DocumentView; viewId: string; pages: number; again: () => void }): ReactNode {
  const t = useTranslations('reviews')
  const [page, setPage] = useState(1)
  const [scale, setScale] = useState(LEAST)
  const [turned, setTurned] = useState(0)
  const [isGone, setGone] = useState(false)
  const zoom = (by: number) => setScale((before) => Math.min(MOST, Math.max(LEAST, before * by)))
  const turn = (by: number) => setTurned((before) => before + by)
  const go = (by: number) => setPage((before) => Math.min(pages, Math.max(1, before + by)))
  const reset = () => {
    setScale(LEAST)
    setTurned(0)
  }
  useKeys([
    ['[plus]', () => zoom(STEP)],
    ['shift+[plus]', () => zoom(STEP)],
    ['=', () => zoom(STEP)],
    ['-', () => zoom(1 / STEP)],
    ['0', reset],
    [']', () => turn(QUARTER)],
    ['[', () => turn(-QUARTER)],
    ['PageDown', () => go(1)],
    ['PageUp', () => go(-1)],
  ])
  const tools = [
    { label: t('zoomOut'), keys: '-', icon: <IconZoomOut size={18} />, does: () => zoom(1 / STEP) },
    { label: t('zoomIn'), keys: '+', icon: <IconZoomIn size={18} />, does: () => zoom(STEP) },
    { label: t('turnLeft'), keys: '[', icon: <IconRotate size={18} />, does: () => turn(-QUARTER) },
    { label: t('turnRight'), keys: ']', icon: <IconRotateClockwise size={18} />, does: () => turn(QUARTER) },
    { label: t('zoomReset'), keys: '0', icon: <IconZoomReset size={18} />, does: reset },
  ]
  return (
    <div className={styles['viewer']}>
      <div className={styles['tools']} role="toolbar" aria-label={t('viewer')}>
        <Group gap={4}>
          {tools.map(({ label, keys, icon, does }) => (
            <Tooltip key={keys} label={`${label} (${keys})`}>
              <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} aria-keyshortcuts={keys} onClick={does}>
                {icon}
              </ActionIcon>
            </Tooltip>
          ))}
        </Group>
        {pages > 1 && (
          <Group gap={4}>
            <ActionIcon variant="subtle" color="gray" aria-label={t('pageBefore')} disabled={page === 1} onClick={() => go(-1)}>
              <IconChevronLeft size={18} className={styles['flips']} />
            </ActionIcon>
            <span className="figures">{t('pageOf', { page, pages })}</span>
            <ActionIcon variant="subtle" color="gray" aria-label={t('pageAfter')} disabled={page === pages} onClick={() => go(1)}>
              <IconChevronRight size={18} className={styles['flips']} />
            </ActionIcon>
          </Group>
        )}
      </div>
      {/* Scrolled by keyboard, too, where it is larger than its frame. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles['stage']} tabIndex={0} role="region" aria-label={t(document.kind)}>
        {isGone ? (
          <EmptyState
            icon={<IconEye size={28} />}
            title={t('goneTitle')}
            text={t('goneText')}
            action={<Button onClick={again}>{t('look')}</Button>}
          />
        ) : (
          <img
            key={page}
            src={`/v1/identity-documents/${document.id}/pages/${page}?view_id=${viewId}`}
            alt={t('pictureOf', { what: t(document.kind), page })}
            style={{ inlineSize: `${scale * 100}%`, transform: `rotate(${turned}deg)` }}
            data-turned={turned % (2 * QUARTER) !== 0 || undefined}
            onError={() => setGone(true)}
          />
        )}
      </div>
    </div>
  )
}
