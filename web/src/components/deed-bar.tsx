import { Button, type ButtonProps, Kbd } from '@mantine/core'
import type { ReactNode } from 'react'

import { useKeys } from '@/lib/keys'

import styles from './deed-bar.module.css'

export interface Deed {
  label: string
  /** A letter that does it; left out for what should not happen by one press. */
  hotkey?: string
  does: () => void
  variant?: ButtonProps['variant']
  color?: ButtonProps['color']
  disabled?: boolean
  loading?: boolean
}

/** What can be done with what one looks at, by pointer and by keyboard; it stays in sight. */
export function DeedBar({ label, deeds, children }: { label: string; deeds: readonly Deed[]; children?: ReactNode }): ReactNode {
  useKeys(deeds.flatMap(({ hotkey, does, disabled }) => (hotkey && !disabled ? [[hotkey, does] as const] : [])))
  return (
    <div className={styles['bar']} role="toolbar" aria-label={label}>
      {children}
      <div className={styles['deeds']}>
        {deeds.map(({ label: name, hotkey, does, variant = 'default', color, disabled = false, loading = false }) => (
          <Button
            key={name}
            size="sm"
            variant={variant}
            {...(color ? { color } : {})}
            disabled={disabled}
            loading={loading}
            onClick={does}
            {...(hotkey ? { 'aria-keyshortcuts': hotkey, rightSection: <Kbd size="xs" aria-hidden>{hotkey.toUpperCase()}</Kbd> } : {})}
          >
            {name}
          </Button>
        ))}
      </div>
    </div>
  )
}
