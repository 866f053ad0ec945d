/** The draft before it is proposed: what differs, what is proven of it, and a note for whoever approves. */
import { Button, Checkbox, Skeleton, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconGitPullRequest } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { proposeRulebook, proveRules, type RulebookView } from '@/api/generated'
import { Allowed } from '@/components/allowed'
import { ButtonLink } from '@/components/button-link'
import { Page, Panel } from '@/components/page'
import { EmptyState, ErrorState } from '@/components/states'
import { useStepUp } from '@/components/step-up'

import { applied, discard, isEmpty, overtaken, useDraft } from './draft'
import { RuleChanges } from './differences'
import { Proofs } from './findings'
import { rulebookQuery } from './queries'
import styles from './rules.module.css'

const LONGEST_NOTE = 500

export function ReviewPage(): ReactNode {
  const t = useTranslations('rules')
  const draft = useDraft()
  const { data, error, refetch } = useQuery(rulebookQuery)
  return (
    <Page title={t('reviewTitle')} back={{ to: '/console/rules', label: t('title') }}>
      <Allowed needs="rules.write">
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {!data && !error && <Skeleton h={320} radius="lg" />}
        {data && !isEmpty(draft) && <Review book={data} />}
        {data && isEmpty(draft) && (
          <Panel>
            <EmptyState
              icon={<IconGitPullRequest size={28} />}
              title={t('nothingTitle')}
              text={t('nothingText')}
              action={<ButtonLink to="/console/rules">{t('title')}</ButtonLink>}
            />
          </Panel>
        )}
      </Allowed>
    </Page>
  )
}

function Review({ book }: { book: RulebookView }): ReactNode {
  const t = useTranslations('rules')
  const draft = useDraft()
  const rules = applied(book.rules, draft)
  const scoring = draft.scoring ?? book.scoring
  const others = overtaken(book.rules, draft)
  const proofs = useQuery({
    queryKey: ['rules', 'proofs', book.version, rules, scoring],
    queryFn: () => answer(proveRules({ body: { rules, scoring } })),
    staleTime: Infinity,
    retry: false,
  })
  return (
    <div className={styles['split']}>
      <div className={styles['stack']}>
        {others.length > 0 && (
          <div className={styles['bar']} role="alert">
            <p>{t('overtaken', { rules: others.join(', ') })}</p>
          </div>
        )}
        <Panel flush title={t('differences')}>
          <RuleChanges changes={draft.changes} />
          {draft.scoring && <p className={styles['pad']}>{t('scoringChanged')}</p>}
        </Panel>
        {proofs.isPending && (
          <Panel title={t('proving')}>
            <Skeleton h={96} radius="md" />
          </Panel>
        )}
        {proofs.error && <ErrorState error={proofs.error} retry={() => void proofs.refetch()} />}
        {proofs.data && <Proofs proofs={proofs.data} />}
      </div>
      <Propose book={book} unproven={proofs.data?.guardrails.some(({ verdict }) => verdict === 'unknown') ?? false} />
    </div>
  )
}

function Propose({ book, unproven }: { book: RulebookView; unproven: boolean }): ReactNode {
  const t = useTranslations('rules')
  const draft = useDraft()
  const client = useQueryClient()
  const navigate = useNavigate()
  const guarded = useStepUp()
  const [note, setNote] = useState('')
  const [accepts, setAccepts] = useState(false)
  const propose = useMutation({
    mutationFn: () =>
      guarded(() =>
        answer(
          proposeRulebook({
            body: {
              expected_version: book.version,
              rules: applied(book.rules, draft),
              scoring: draft.scoring ?? book.scoring,
              note: note.trim(),
              accept_unproven: accepts,
            },
          }),
        ),
      ),
    onSuccess: async (approval) => {
      discard()
      notifications.show({ message: t(approval.state === 'applied' ? 'published' : 'proposed') })
      await client.invalidateQueries({ queryKey: ['rules'] })
      await navigate({ to: '/console/rules' })
    },
  })
  return (
    <Panel title={t('propose')}>
      <form
        className={styles['tight']}
        onSubmit={(event) => {
          event.preventDefault()
          propose.mutate()
        }}
      >
        <p className={styles['dim']}>{t('proposeText')}</p>
        <Textarea label={t('note')} required maxLength={LONGEST_NOTE} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        {unproven && <Checkbox label={t('acceptUnproven')} checked={accepts} onChange={(event) => setAccepts(event.currentTarget.checked)} />}
        {propose.error && <ErrorState error={propose.error} />}
        <Button type="submit" loading={propose.isPending} disabled={note.trim() === ''}>
          {t('propose')}
        </Button>
      </form>
    </Panel>
  )
}
