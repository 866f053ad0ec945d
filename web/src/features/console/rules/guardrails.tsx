/** What no version of the rules may refuse. */
import { Button, Skeleton, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconPlus, IconShieldHalf } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { keepGuardrail, type KeptGuardrailView, proposeGuardrailDrop } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { useMay } from '@/api/may'
import { Panel } from '@/components/page'
import { ReasonDialog } from '@/components/reason-dialog'
import { EmptyState, ErrorState } from '@/components/states'
import { formatDay } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'

import { guardrailsQuery } from './queries'
import styles from './rules.module.css'
import { RulesPage } from './section'

export function Guardrails(): ReactNode {
  const t = useTranslations('rules')
  const may = useMay()
  const { formats } = useLanguage()
  const { data, error, refetch } = useQuery(guardrailsQuery)
  const [adding, setAdding] = useState(false)
  const [dropping, setDropping] = useState<KeptGuardrailView | null>(null)
  return (
    <RulesPage
      title={t('guardrails')}
      actions={
        may('rules.approve') && (
          <Button leftSection={<IconPlus size={18} />} onClick={() => setAdding(true)}>
            {t('newGuardrail')}
          </Button>
        )
      }
    >
      <p className={styles['dim']}>{t('guardrailsText')}</p>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton h={200} radius="lg" />}
      {data && (
        <Panel flush>
          {data.length === 0 && <EmptyState icon={<IconShieldHalf size={28} />} title={t('noGuardrailsTitle')} text={t('noGuardrailsText')} />}
          {data.map((guardrail) => (
            <article key={guardrail.id} className={styles['version']}>
              <div className={styles['spread']}>
                <h2 className={styles['code']}>{guardrail.name}</h2>
                {may('rules.write') && (
                  <Button size="compact-sm" variant="default" onClick={() => setDropping(guardrail)}>
                    {t('drop')}
                  </Button>
                )}
              </div>
              <code className={`${styles['code']} ${styles['block']}`}>{guardrail.when}</code>
              <p className={styles['dim']}>
                <bdi>{guardrail.reason}</bdi> · {formatDay(guardrail.kept_at, formats)}
              </p>
            </article>
          ))}
        </Panel>
      )}
      {adding && <Keep close={() => setAdding(false)} />}
      {dropping && <Drop guardrail={dropping} close={() => setDropping(null)} />}
    </RulesPage>
  )
}

function Keep({ close }: { close: () => void }): ReactNode {
  const t = useTranslations('rules')
  const client = useQueryClient()
  const { headers, fulfilled } = useIntent()
  const [name, setName] = useState('')
  const [when, setWhen] = useState('')
  return (
    <ReasonDialog
      title={t('newGuardrail')}
      text={t('guardrailHint')}
      confirm={t('keepGuardrail')}
      run={async (reason) => {
        await answer(keepGuardrail({ body: { name, when, reason }, headers: headers() }))
        fulfilled()
        await client.invalidateQueries({ queryKey: ['rules', 'guardrails'] })
      }}
      close={close}
    >
      <TextInput label={t('name')} dir="ltr" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Textarea label={t('condition')} dir="ltr" required classNames={{ input: styles['code'] ?? '' }} value={when} onChange={(event) => setWhen(event.currentTarget.value)} />
    </ReasonDialog>
  )
}

function Drop({ guardrail, close }: { guardrail: KeptGuardrailView; close: () => void }): ReactNode {
  const t = useTranslations('rules')
  const { headers, fulfilled } = useIntent()
  return (
    <ReasonDialog
      title={t('dropTitle', { name: guardrail.name })}
      text={t('dropText')}
      confirm={t('drop')}
      dangerous
      run={async (reason) => {
        await answer(proposeGuardrailDrop({ path: { guardrail_id: guardrail.id }, body: { reason }, headers: headers() }))
        fulfilled()
        notifications.show({ message: t('proposed') })
      }}
      close={close}
    />
  )
}
