import { renderHook } from '@testing-library/react'
import { expect, test } from 'vitest'

import { useIntent } from './intents'

test('a retry carries the key of the first try, the next intent another', () => {
  const { result } = renderHook(useIntent)
  const first = result.current.headers()
  expect(result.current.headers()).toEqual(first)
  result.current.fulfilled()
  expect(result.current.headers()).not.toEqual(first)
})
