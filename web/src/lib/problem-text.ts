import { notifications } from '@mantine/notifications'
import { useCallback } from 'react'
import { useTranslations } from 'use-intl'

import { ApiError } from '@/api/problems'

import { useLanguage } from './i18n'

const FIRST_SERVER_FAULT = 500

/** Put a failure into plain words: ours for its stable code, in English else the server's own. */
export function useProblemText(): (error: unknown) => string {
  const t = useTranslations('problems')
  const { locale } = useLanguage()
  return useCallback(
    (error) => {
      if (!(error instanceof ApiError)) {
        return t('unexpected')
      }
      const code = error.code as Parameters<typeof t>[0]
      if (t.has(code)) {
        return t(code)
      }
      return locale === 'en' && error.status < FIRST_SERVER_FAULT ? error.problem.detail : t('unexpected')
    },
    [t, locale],
  )
}

/** Tell of a failure that no field of a form is to blame for. */
export function useTellProblem(): (error: unknown) => void {
  const text = useProblemText()
  return useCallback((error) => notifications.show({ color: 'red', message: text(error) }), [text])
}
