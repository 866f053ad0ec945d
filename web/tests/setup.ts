import { cleanup } from '@testing-library/react'
import { afterEach, vi } from 'vitest'

// What jsdom has not, and Mantine asks for.
vi.stubGlobal('matchMedia', (media: string) => ({
  media,
  matches: false,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}))
vi.stubGlobal(
  'ResizeObserver',
  class {
    observe = (): void => undefined
    unobserve = (): void => undefined
    disconnect = (): void => undefined
  },
)

afterEach(cleanup)
