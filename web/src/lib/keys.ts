import { type HotkeyItem, useHotkeys } from '@mantine/hooks'

const TYPED_INTO = 'textarea, select, [contenteditable], input:not([type="radio"], [type="checkbox"])'

/** Single keys that do something on a page: not while somebody types, and not behind an open dialog. */
export function useKeys(keys: readonly (readonly [string, () => void])[]): void {
  useHotkeys(
    keys.map(([key, does]): HotkeyItem => [
      key,
      (event) => {
        const isTyping = event.target instanceof Element && event.target.closest(TYPED_INTO) !== null
        if (!isTyping && document.querySelector('[role="dialog"]') === null) {
          event.preventDefault()
          does()
        }
      },
      { preventDefault: false },
    ]),
    [],
  )
}
