import { Button, Select, TextInput } from '@mantine/core'
import { useDebouncedValue, useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'

import styles from './filter-bar.module.css'

const TYPING_MS = 250
const NONE: readonly Filter[] = []

export interface Filter {
  label: string
  value: string | undefined
  options: readonly { value: string; label: string }[]
  change: (value: string | undefined) => void
}

/** What narrows a list: words, and choices of which none may be made. The page keeps the values in its address. */
export function FilterBar({
  search,
  filters = NONE,
  children,
}: {
  search?: { label: string; value: string | undefined; change: (text: string | undefined) => void }
  filters?: readonly Filter[]
  children?: ReactNode
}): ReactNode {
  const t = useTranslations('shared')
  const [forgotten, setForgotten] = useState(0)
  const isFiltered = Boolean(search?.value) || filters.some(({ value }) => value !== undefined)
  const clear = () => {
    search?.change(undefined)
    filters.forEach(({ change }) => change(undefined))
    setForgotten(forgotten + 1)
  }
  return (
    <div className={styles['bar']} role="search">
      {search && <Words key={forgotten} {...search} />}
      {filters.map(({ label, value, options, change }) => (
        <Select
          key={label}
          size="sm"
          className={styles['choice'] ?? ''}
          aria-label={label}
          placeholder={label}
          clearable
          clearButtonProps={{ 'aria-label': t('clearOne', { label }) }}
          value={value ?? null}
          data={[...options]}
          onChange={(chosen) => change(chosen ?? undefined)}
        />
      ))}
      {children}
      {isFiltered && (
        <Button variant="subtle" size="sm" onClick={clear}>
          {t('clear')}
        </Button>
      )}
    </div>
  )
}

/** Typing waits a moment before it asks; "/" leads here from anywhere on the page. */
function Words({ label, value, change }: { label: string; value: string | undefined; change: (text: string | undefined) => void }): ReactNode {
  const [typed, setTyped] = useState(value ?? '')
  const [text] = useDebouncedValue(typed.trim(), TYPING_MS)
  const box = useRef<HTMLInputElement>(null)
  const told = useRef<(words: string | undefined) => unknown>(change)
  useEffect(() => {
    // What the page knows already is no news.
    told.current = (words) => words === value || change(words)
  })
  useEffect(() => void told.current(text || undefined), [text])
  useHotkeys([['/', () => box.current?.focus()]])
  return (
    <TextInput
      ref={box}
      size="sm"
      type="search"
      className={styles['words'] ?? ''}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  )
}
