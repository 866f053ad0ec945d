import type { CSSProperties, ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { type Face, FACES } from '@/components/card-face'

import styles from './cards.module.css'

/** The colours that a card can have, as a choice of one. */
export function Swatches({ face, choose }: { face: Face; choose: (face: Face) => void }): ReactNode {
  const t = useTranslations('newCard')
  const colours = useTranslations('cards.colours')
  return (
    <fieldset className={styles['swatches']}>
      <legend>{t('colour')}</legend>
      {FACES.map((known) => (
        <label key={known} className={styles['swatch']} style={coloursOf(known)} title={colours(known)}>
          <input
            type="radio"
            name="colour"
            aria-label={colours(known)}
            checked={face === known}
            onChange={() => choose(known)}
          />
        </label>
      ))}
    </fieldset>
  )
}

export function coloursOf(face: Face): CSSProperties {
  return { '--from': `var(--cw-face-${face}-from)`, '--to': `var(--cw-face-${face}-to)` } as CSSProperties
}
