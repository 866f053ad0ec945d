/** Proving once more that it is you: what the API refuses for want of a strong factor is tried again after it. */
import { Modal, PinInput, Text } from '@mantine/core'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { stepUpWithTotp } from '@/api/generated'
import { ApiError } from '@/api/problems'
import { useProblemText } from '@/lib/problem-text'
import { ButtonLink } from './button-link'

type Guarded = <T>(attempt: () => Promise<T>) => Promise<T>

const StepUpContext = createContext<Guarded>((attempt) => attempt())
const CODE_LENGTH = 6

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
      <Question opened={asked === 'code'} close={close} proven={proven} />
      <SetUp opened={asked === 'setUp'} close={close} />
    </StepUpContext>
  )
}

function Question({ opened, close, proven }: { opened: boolean; close: () => void; proven: () => void }): ReactNode {
  const t = useTranslations('stepUp')
  const all = useTranslations()
  const text = useProblemText()
  const [failure, setFailure] = useState<unknown>(null)
  const [code, setCode] = useState('')
  const send = (whole: string) => {
    setFailure(null)
    answer(stepUpWithTotp({ body: { code: whole } }))
      .then(proven, setFailure)
      .finally(() => setCode(''))
  }
  return (
    <Modal opened={opened} onClose={close} title={t('title')} closeButtonProps={{ 'aria-label': all('common.close') }}>
      <Text mb="md">{t('text')}</Text>
      <PinInput
        length={CODE_LENGTH}
        type="number"
        oneTimeCode
        dir="ltr"
        value={code}
        onChange={setCode}
        onComplete={send}
        error={failure !== null}
        aria-label={all('auth.code')}
        data-autofocus
      />
      {failure !== null && (
        <Text role="alert" c="var(--cw-negative)" mt="sm">
          {text(failure)}
        </Text>
      )}
    </Modal>
  )
}

function SetUp({ opened, close }: { opened: boolean; close: () => void }): ReactNode {
  const t = useTranslations('stepUp')
  const common = useTranslations('common')
  return (
    <Modal opened={opened} onClose={close} title={t('setUpTitle')} closeButtonProps={{ 'aria-label': common('close') }}>
      <Text mb="lg">{t('setUpText')}</Text>
      <ButtonLink to="/security" onClick={close} fullWidth>
        {t('setUp')}
      </ButtonLink>
    </Modal>
  )
}
