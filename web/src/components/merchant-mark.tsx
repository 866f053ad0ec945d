import type { CSSProperties, ReactNode } from 'react'

import tokens from '../../design/tokens.json' with { type: 'json' }

import styles from './merchant-mark.module.css'

type Hue = keyof typeof tokens.hue

/** A merchant's letter in the colour that the API gives it. */
export function MerchantMark({
  merchant,
  size = 40,
}: {
  merchant: { logo_letter: string; colour: string }
  size?: number
}): ReactNode {
  const style = { '--hue': hueOf(merchant.colour), '--size': `${size}px` } as CSSProperties
  return (
    <span className={styles['mark']} style={style} aria-hidden>
      {merchant.logo_letter}
    </span>
  )
}

/** The variable of a colour that the API names; grey for one that the design does not know. */
export function hueOf(name: string): string {
  const hue: Hue = name in tokens.hue ? (name as Hue) : 'gray'
  return `var(--cw-hue-${hue})`
}
