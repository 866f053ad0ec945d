/** The rules that decide, in the order in which their actions resolve, with what somebody changed of them. */
import { ActionIcon, Button, Menu, Skeleton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconArrowBackUp, IconDots, IconEye, IconPlayerPlay, IconPlus, IconTrash, IconArchive, IconRulerMeasure } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { killRules, type RuleBody, type RulebookView, type RuleStage } from '@/api/generated'
import { useMay } from '@/api/may'
import { ButtonLink } from '@/components/button-link'
import { FilterBar } from '@/components/filter-bar'
import { Panel } from '@/components/page'
import { ReasonDialog } from '@/components/reason-dialog'
import { EmptyState, ErrorState } from '@/components/states'
import { Tag } from '@/components/tag'

import { change, discard, isEmpty, restore, undo, useApplied, useDraft } from './draft'
import { rulebookQuery } from './queries'
import styles from './rules.module.css'
import { ScoringPanel } from './scoring'
import { RulesPage } from './section'
import { ACTIONS, STAGES, StageTag } from './stage'

export function Rulebook(): ReactNode {
  const t = useTranslations('rules')
  const may = useMay()
  const { data, error, refetch } = useQuery(rulebookQuery)
  const [killing, setKilling] = useState(false)
  const mayWrite = may('rules.write')
  return (
    <RulesPage
      title={t('title')}
      actions={
        mayWrite && (
          <>
            <Button variant="subtle" color="red" onClick={() => setKilling(true)}>
              {t('kill')}
            </Button>
            <ButtonLink to="/console/rules/edit" leftSection={<IconPlus size={18} />}>
              {t('newRule')}
            </ButtonLink>
          </>
        )
      }
    >
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton h={320} radius="lg" />}
      {data && <Rules book={data} mayWrite={mayWrite} />}
      {killing && <Kill close={() => setKilling(false)} />}
    </RulesPage>
  )
}

function Rules({ book, mayWrite }: { book: RulebookView; mayWrite: boolean }): ReactNode {
  const t = useTranslations('rules')
  const draft = useDraft()
  const rules = useApplied(book.rules)
  const [text, setText] = useState<string>()
  const [stage, setStage] = useState<string>()
  const gone = Object.values(draft.changes).flatMap(({ before, after }) => (before && after === null ? [before] : []))
  const shown = [...rules, ...gone].filter(
    (rule) => (!text || `${rule.name} ${rule.when}`.toLowerCase().includes(text.toLowerCase())) && (!stage || rule.stage === stage),
  )
  if (rules.length === 0 && gone.length === 0) {
    return (
      <>
        <Panel>
          <EmptyState
            icon={<IconRulerMeasure size={28} />}
            title={t('noRulesTitle')}
            text={t('noRulesText')}
            action={mayWrite && <ButtonLink to="/console/rules/edit">{t('newRule')}</ButtonLink>}
          />
        </Panel>
        <DraftBar />
      </>
    )
  }
  return (
    <>
      <DraftBar />
      <FilterBar
        search={{ label: t('search'), value: text, change: setText }}
        filters={[{ label: t('stage'), value: stage, change: setStage, options: STAGES.map((value) => ({ value, label: t(value) })) }]}
      >
        <span className={styles['dim']}>{t('versionCount', { version: book.version, count: rules.length })}</span>
      </FilterBar>
      {ACTIONS.map((action) => {
        const those = shown.filter((rule) => rule.action === action)
        return (
          those.length > 0 && (
            <Panel key={action} flush>
              <div className={styles['classHead']}>
                <h2>{t(action)}</h2>
                <span className={styles['dim']}>{t(`${action}Means`)}</span>
              </div>
              <ul className={styles['rules']}>
                {those.map((rule) => (
                  <RuleRow key={rule.name} rule={rule} active={book.rules} mayWrite={mayWrite} />
                ))}
              </ul>
            </Panel>
          )
        )
      })}
      <ScoringPanel book={book} mayWrite={mayWrite} />
    </>
  )
}

function RuleRow({ rule, active, mayWrite }: { rule: RuleBody; active: readonly RuleBody[]; mayWrite: boolean }): ReactNode {
  const t = useTranslations('rules')
  const changed = useDraft().changes[rule.name]
  const isGone = changed?.after === null
  const isOff = rule.stage === 'draft' || rule.stage === 'retired'
  return (
    <li className={styles['rule']} data-off={isOff || undefined} data-gone={isGone || undefined}>
      <Link to="/console/rules/edit" search={{ rule: rule.name }}>
        {rule.name}
      </Link>
      <span className={styles['code']} title={rule.when}>
        {rule.when}
      </span>
      <span className={styles['tags']}>
        {changed && <Tag tone={isGone ? 'bad' : 'waiting'}>{t(isGone ? 'removed' : changed.before ? 'changed' : 'added')}</Tag>}
        {rule.points ? <Tag>{t('pointsShort', { points: rule.points })}</Tag> : null}
        <StageTag rule={rule} />
      </span>
      {mayWrite && <RuleMenu rule={rule} active={active} isGone={isGone} isChanged={changed !== undefined} />}
    </li>
  )
}

const STEPS = [
  ['live', IconPlayerPlay],
  ['shadow', IconEye],
  ['retired', IconArchive],
] as const

function RuleMenu({
  rule,
  active,
  isGone,
  isChanged,
}: {
  rule: RuleBody
  active: readonly RuleBody[]
  isGone: boolean
  isChanged: boolean
}): ReactNode {
  const t = useTranslations('rules')
  const before = active.find(({ name }) => name === rule.name) ?? null
  const bring = (stage: RuleStage) => change(rule.name, before, { ...rule, stage, sample_percent: null })
  return (
    <Menu position="bottom-end" shadow="md" radius="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('more', { name: rule.name })}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!isGone &&
          STEPS.filter(([stage]) => stage !== (rule.stage ?? 'live')).map(([stage, Icon]) => (
            <Menu.Item key={stage} leftSection={<Icon size={16} />} onClick={() => bring(stage)}>
              {t(`to_${stage}`)}
            </Menu.Item>
          ))}
        {!isGone && (
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => change(rule.name, before, null)}>
            {t('remove')}
          </Menu.Item>
        )}
        {isChanged && (
          <Menu.Item leftSection={<IconArrowBackUp size={16} />} onClick={() => undo(rule.name)}>
            {t('undoChange')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

/** That something is not proposed yet, and what to do about it. */
export function DraftBar(): ReactNode {
  const t = useTranslations('rules')
  const common = useTranslations('common')
  const draft = useDraft()
  if (isEmpty(draft)) {
    return null
  }
  const count = Object.keys(draft.changes).length + (draft.scoring ? 1 : 0)
  const drop = () => {
    const before = discard()
    notifications.show({
      message: (
        <span className={styles['spread']}>
          {t('discarded')}
          <Button size="compact-sm" variant="default" onClick={() => restore(before)}>
            {common('undo')}
          </Button>
        </span>
      ),
    })
  }
  return (
    <div className={styles['bar']} role="status">
      <p>{t('draftCount', { count })}</p>
      <span className={styles['deeds']}>
        <Button variant="default" size="sm" onClick={drop}>
          {t('discard')}
        </Button>
        <ButtonLink to="/console/rules/review" size="sm">
          {t('review')}
        </ButtonLink>
      </span>
    </div>
  )
}

function Kill({ close }: { close: () => void }): ReactNode {
  const t = useTranslations('rules')
  const client = useQueryClient()
  return (
    <ReasonDialog
      title={t('killTitle')}
      text={t('killText')}
      confirm={t('killNow')}
      dangerous
      run={async (reason) => {
        client.setQueryData(rulebookQuery.queryKey, await answer(killRules({ body: { reason } })))
        await client.invalidateQueries({ queryKey: ['rules'] })
      }}
      close={close}
    />
  )
}
