import { Button, Loader, Text, TextInput, UnstyledButton } from '@mantine/core'
import { IconBolt, IconIdBadge2, IconRepeat, IconShoppingBag, IconTemplate } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { createCard, type CardType, type TemplateView } from '@/api/generated'
import { useIntent } from '@/api/intents'
import { cardQuery, identityQuery, templatesQuery, walletQuery } from '@/api/queries'
import { ButtonLink } from '@/components/button-link'
import { CardFace, type Face, faceOf } from '@/components/card-face'
import { Page, Panel } from '@/components/page'
import { EmptyState } from '@/components/states'
import { useLanguage } from '@/lib/i18n'
import { formatMoney, parseMoney } from '@/lib/money'
import { useTellProblem } from '@/lib/problem-text'

import styles from './cards.module.css'
import { coloursOf, Swatches } from './swatches'

interface Kind {
  name: string
  text: string
  face: Face
  icon: ReactNode
  type?: CardType
  template?: TemplateView
}

const EXAMPLE = 150_00
const LONGEST_LABEL = 60

export function NewCard(): ReactNode {
  const t = useTranslations('newCard')
  const app = useTranslations('app')
  const [step, setStep] = useState(1)
  const { data: identity } = useQuery(identityQuery)
  const needsIdentity = identity !== undefined && identity.level === 0 && identity.status !== 'approved'
  return (
    <Page
      title={t('title')}
      narrow={step > 1}
      back={{ to: '/cards', label: app('cards') }}
      actions={needsIdentity ? undefined : <Text c="dimmed">{t('step', { step })}</Text>}
    >
      {needsIdentity ? (
        <Panel>
          <EmptyState
            icon={<IconIdBadge2 size={28} />}
            title={t('verifyFirst')}
            text={t('verifyFirstText')}
            action={<ButtonLink to="/identity">{app('identity')}</ButtonLink>}
          />
        </Panel>
      ) : (
        <CreateCard
          reached={setStep}
          onward={(cardId) => (
            <ButtonLink to="/cards/$cardId" params={{ cardId }}>
              {t('see')}
            </ButtonLink>
          )}
        />
      )}
    </Page>
  )
}

/** Choosing a kind, naming it, and seeing it come; `onward` is where one goes once it is there. */
export function CreateCard({ reached, onward }: { reached?: (step: number) => void; onward: (cardId: string) => ReactNode }): ReactNode {
  const [kind, setKind] = useState<Kind | null>(null)
  const [made, setMade] = useState<string | null>(null)
  if (made !== null) {
    return <Ready cardId={made} onward={onward(made)} />
  }
  if (kind !== null) {
    return (
      <Finish
        kind={kind}
        made={(cardId) => {
          setMade(cardId)
          reached?.(3)
        }}
      />
    )
  }
  return (
    <Pick
      pick={(chosen) => {
        setKind(chosen)
        reached?.(2)
      }}
    />
  )
}

function Pick({ pick }: { pick: (kind: Kind) => void }): ReactNode {
  const t = useTranslations('newCard')
  const { data: templates } = useQuery(templatesQuery)
  const kinds: Kind[] = [
    {
      name: t('kinds.everyday'),
      text: t('kinds.everydayText'),
      face: 'evergreen',
      icon: <IconShoppingBag size={22} />,
      type: 'standard',
    },
    {
      name: t('kinds.subscription'),
      text: t('kinds.subscriptionText'),
      face: 'violet',
      icon: <IconRepeat size={22} />,
      type: 'merchant_locked',
    },
    {
      name: t('kinds.once'),
      text: t('kinds.onceText'),
      face: 'ink',
      icon: <IconBolt size={22} />,
      type: 'single_use',
    },
  ]
  const prepared = (templates ?? [])
    .filter((template) => template.is_active)
    .map((template) => ({
      name: template.name,
      text: template.description,
      face: faceOf(template.colour, template.id),
      icon: <IconTemplate size={22} />,
      template,
    }))
  return (
    <>
      <p className={styles['lead']}>{t('pickText')}</p>
      <Picks title={t('pick')} kinds={kinds} pick={pick} />
      {prepared.length > 0 && <Picks title={t('prepared')} kinds={prepared} pick={pick} />}
    </>
  )
}

function Picks({ title, kinds, pick }: { title: string; kinds: readonly Kind[]; pick: (kind: Kind) => void }): ReactNode {
  return (
    <section>
      <h2 className={styles['groupTitle']}>{title}</h2>
      <div className={styles['picks']}>
        {kinds.map((kind) => (
          <UnstyledButton key={kind.name} className={styles['pick']} onClick={() => pick(kind)}>
            <span className={styles['pickIcon']} style={coloursOf(kind.face)} aria-hidden>
              {kind.icon}
            </span>
            <span className={styles['pickWords']}>
              <strong>{kind.name}</strong>
              <span>{kind.text}</span>
            </span>
          </UnstyledButton>
        ))}
      </div>
    </section>
  )
}

function Finish({ kind, made }: { kind: Kind; made: (cardId: string) => void }): ReactNode {
  const t = useTranslations('newCard')
  const cards = useTranslations('cards')
  const client = useQueryClient()
  const tell = useTellProblem()
  const intent = useIntent()
  const { formats } = useLanguage()
  const currency = useQuery(walletQuery).data?.currency ?? 'USD'
  const [label, setLabel] = useState(kind.name)
  const [face, setFace] = useState<Face>(kind.face)
  const [limit, setLimit] = useState('')
  const amount = limit === '' ? undefined : parseMoney(limit, currency)
  const create = useMutation({
    mutationFn: () =>
      answer(
        createCard({
          body: {
            label: label.trim(),
            colour: face,
            ...(kind.template ? { template_id: kind.template.id } : { type: kind.type ?? 'standard' }),
            ...(amount ? { limits: [{ window: 'month' as const, amount }] } : {}),
          },
          headers: intent.headers(),
        }),
      ),
    onSuccess: (card) => {
      intent.fulfilled()
      client.setQueryData(cardQuery(card.id).queryKey, card)
      void client.invalidateQueries({ queryKey: ['cards'], exact: true })
      made(card.id)
    },
    onError: tell,
  })
  const shown = { id: kind.name, label: label || ' ', state: 'active', last4: null, exp_month: null, exp_year: null } as const
  return (
    <Panel title={t('name')}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <div className={styles['readyFace']} style={{ marginInline: 'auto' }}>
          <CardFace card={{ ...shown, colour: face }} decorative />
        </div>
        <Text size="sm" c="dimmed" ta="center" mt={-8}>
          {kind.template ? kind.template.description : cards(kind.type ?? 'standard')}
        </Text>
        <TextInput
          label={t('label')}
          description={t('labelHint')}
          maxLength={LONGEST_LABEL}
          required
          withAsterisk={false}
          value={label}
          onChange={(event) => {
            intent.fulfilled()
            setLabel(event.currentTarget.value)
          }}
        />
        <Swatches
          face={face}
          choose={(chosen) => {
            intent.fulfilled()
            setFace(chosen)
          }}
        />
        <TextInput
          label={t('limit')}
          description={t('limitHint')}
          inputMode="decimal"
          dir="ltr"
          value={limit}
          rightSection={<Text c="dimmed">{currency}</Text>}
          rightSectionWidth={60}
          error={amount === null || amount === 0 ? t('limitInvalid', { example: formatMoney(EXAMPLE, currency, formats) }) : undefined}
          onChange={(event) => {
            intent.fulfilled()
            setLimit(event.currentTarget.value)
          }}
        />
        <Button type="submit" loading={create.isPending} disabled={label.trim() === '' || amount === null || amount === 0}>
          {t('create')}
        </Button>
      </form>
    </Panel>
  )
}

function Ready({ cardId, onward }: { cardId: string; onward: ReactNode }): ReactNode {
  const t = useTranslations('newCard')
  const { data: card } = useQuery(cardQuery(cardId))
  const isReady = card !== undefined && card.state !== 'inactive'
  return (
    <Panel>
      <div className={styles['ready']} aria-live="polite">
        {card && (
          <div className={styles['readyFace']}>
            <CardFace card={card} />
          </div>
        )}
        {isReady ? (
          <>
            <h2>{t('done')}</h2>
            <Text c="dimmed">{t('doneText')}</Text>
            {onward}
          </>
        ) : (
          <>
            <Loader size="sm" />
            <Text c="dimmed">{t('creating')}</Text>
          </>
        )}
      </div>
    </Panel>
  )
}
