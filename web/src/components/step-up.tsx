/** Proving once more that it is you: what the API refuses for want of a strong factor is tried again after it. */
import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useMemo, useRef, useState } from 'react'

import { ApiError } from '@/api/problems'

type Guarded = <T>(attempt: () => Promise<T>) => Promise<T>

const Dialog = lazy(() => import('./step-up-dialogs'))
const StepUpContext = createContext<Guarded>((attempt) => attempt())

/** Make attempts that may ask for a strong factor: the person is asked, and the attempt is made again. */
export function useStepUp(): Guarded {
  return useContext(StepUpContext)
}

/** The person closed the question: nothing failed, and nothing was done. */
export class Declined extends Error {}

export function StepUp({ children }: { children: ReactNode }): ReactNode {
  const [asked, setAsked] = useState<'code' | 'setUp' | null>(null)
  const settle = useRef<{ proven: () => void; declined: () => void } | null>(null)
  const ask = useCallback(
    () =>
      new Promise<void>((resolve, reject) => {
        settle.current = { proven: resolve, declined: () => reject(new Declined()) }
        setAsked('code')
      }),
    [],
  )
  const guarded = useMemo<Guarded>(
    () => async (attempt) => {
      try {
        return await attempt()
      } catch (error) {
        if (error instanceof ApiError && error.code === 'factor_required') {
          setAsked('setUp')
          throw new Declined()
        }
        if (!(error instanceof ApiError) || error.code !== 'step_up_required') {
          throw error
        }
        await ask()
        return attempt()
      }
    },
    [ask],
  )
  const close = () => {
    settle.current?.declined()
    settle.current = null
    setAsked(null)
  }
  const proven = () => {
    settle.current?.proven()
    settle.current = null
    setAsked(null)
  }
  return (
    <StepUpContext value={guarded}>
      {children}
      {asked !== null && (
        <Suspense>
          <Dialog asked={asked} close={close} proven={proven} />
        </Suspense>
      )}
    </StepUpContext>
  )
}
