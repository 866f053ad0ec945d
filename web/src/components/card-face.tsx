import { IconLock, IconSnowflake } from '@tabler/icons-react'
import { type CSSProperties, type ReactNode, useMemo } from 'react'
import { useTranslations } from 'use-intl'

import tokens from '../../design/tokens.json' with { type: 'json' }
import { guilloche } from '@/lib/guilloche'

import styles from './card-face.module.css'
import { Wordmark } from './wordmark'

export type Face = keyof typeof tokens.face
export const FACES = Object.keys(tokens.face) as Face[]
export const FIRST_FACE: Face = 'evergreen'

export interface Shown {
  id: string
  label: string
  state: 'inactive' | 'active' | 'frozen' | 'canceled'
  is_locked_by_staff?: boolean
  last4: string | null
  exp_month: number | null
  exp_year: number | null
  colour: string | null
}

/** A card as one recognises it: its colour, its name, its last digits, and engraved lines that no other card has. */
export function CardFace({ card, decorative = false }: { card: Shown; decorative?: boolean }): ReactNode {
  const t = useTranslations('cards')
  const lines = useMemo(() => [guilloche(card.id, 0), guilloche(card.id, 1)], [card.id])
  const face = faceOf(card.colour, card.id)
  const state = card.is_locked_by_staff && card.state !== 'canceled' ? 'locked' : card.state
  const name = [card.label, card.last4 ? t('ending', { last4: card.last4 }) : t('issuing'), t(state)].join(', ')
  const colours = { '--from': `var(--cw-face-${face}-from)`, '--to': `var(--cw-face-${face}-to)` } as CSSProperties
  return (
    <div
      className={styles['face']}
      style={colours}
      data-state={state}
      {...(decorative ? { 'aria-hidden': true } : { role: 'img', 'aria-label': name })}
    >
      <svg className={styles['lines']} viewBox="-100 -100 200 200" aria-hidden>
        <path d={lines[0]} />
        <path d={lines[1]} transform="scale(0.72)" />
      </svg>
      <div className={styles['top']}>
        <span className={styles['label']}>{card.label}</span>
        <Wordmark />
      </div>
      {(state === 'frozen' || state === 'locked') && (
        <span className={styles['pill']}>
          {state === 'frozen' ? <IconSnowflake size={14} /> : <IconLock size={14} />}
          {t(state)}
        </span>
      )}
      {state === 'canceled' && <span className={styles['pill']}>{t('canceled')}</span>}
      <div className={styles['bottom']} dir="ltr">
        <span>
          <span className={styles['mask']}>••••</span> {card.last4 ?? <span className={styles['mask']}>••••</span>}
        </span>
        <span>{expiry(card)}</span>
      </div>
    </div>
  )
}

/** The face of a colour's name; without one that the design knows, a face that follows from the card's id. */
export function faceOf(colour: string | null, id: string): Face {
  const sum = [...id].reduce((total, letter) => (total * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7)
  return FACES.find((face) => face === colour) ?? FACES[sum % FACES.length] ?? FIRST_FACE
}

/** What cannot pay at the moment comes after what can. */
export function frozenLast(one: { state: string }, other: { state: string }): number {
  return Number(one.state === 'frozen') - Number(other.state === 'frozen')
}

export function expiry(card: { exp_month: number | null; exp_year: number | null }): string {
  if (card.exp_month === null || card.exp_year === null) {
    return ''
  }
  return `${String(card.exp_month).padStart(2, '0')}/${String(card.exp_year).slice(-2)}`
}
