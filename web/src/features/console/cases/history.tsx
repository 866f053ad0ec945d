import { useTranslations } from 'use-intl'
import type { ReactNode } from 'react'

import { answer } from '@/api/client'
import { caseQuery } from '@/api/console-queries'
import { type CardwrightCasesSchemasFileView as FileView, type EvidenceView, noteCase } from '@/api/generated'
import { once } from '@/api/intents'
import { useMay } from '@/api/may'
import { useReread } from '@/api/reread'
import { History, useDeeds } from '@/components/history'
import { useLanguage } from '@/lib/i18n'
import { formatMoney } from '@/lib/money'
import { wordOf } from '@/lib/words'

/** What happened to the payment and in the case, in one line of time. */
export function CaseHistory({ file, evidence }: { file: FileView; evidence: EvidenceView | undefined }): ReactNode {
  const t = useTranslations('cases')
  const elements = useTranslations('cases.elements')
  const { formats } = useLanguage()
  const may = useMay()
  const { id, user_id: holder, currency } = file.case
  const reread = useReread(caseQuery(id).queryKey)
  const deeds = useDeeds(file, useTranslations('cases.deeds'), { [holder]: t('holder') })
  const movements = (evidence?.elements ?? []).map((each) => ({
    key: `element${each.sequence}`,
    at: each.occurred_at,
    what: wordOf(elements, each.kind),
    detail: formatMoney(each.amount, currency, formats),
    tone: each.approved ? ('good' as const) : ('bad' as const),
  }))
  const note = async (words: string) => {
    await answer(noteCase({ path: { case_id: id }, body: { words }, headers: once() }))
    await reread()
  }
  return <History title={t('timeline')} happenings={[...movements, ...deeds]} note={may('cases.write') && note} />
}
