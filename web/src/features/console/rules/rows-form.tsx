/** A condition as rows of field, test and value. */
import { ActionIcon, Button, SegmentedControl, Select, TagsInput, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { type ReactNode, useEffect, useEffectEvent } from 'react'
import { useTranslations } from 'use-intl'

import type { FieldView } from '@/api/generated'

import { type Row, type Rows, type RowTest, testsOf, writeRows } from './builder'
import styles from './rules.module.css'

const NONE: ReadonlySet<RowTest> = new Set(['isTrue', 'isFalse', 'known', 'unknown'])
const MANY: ReadonlySet<RowTest> = new Set(['in', 'notIn'])
const ON_LIST: ReadonlySet<RowTest> = new Set(['onList', 'notOnList'])
const TYPING_MS = 300

interface Form {
  fields: ReadonlyMap<string, FieldView>
  lists: readonly { name: string }[]
}

export function RowsForm({
  rows,
  change,
  check,
  ...form
}: Form & { rows: Rows; change: (rows: Rows) => void; check: (when: string) => Promise<unknown> }): ReactNode {
  const t = useTranslations('rules')
  const when = writeRows(rows, form.fields)
  const checked = useEffectEvent(check)
  useEffect(() => {
    if (when === '') {
      return
    }
    const timer = setTimeout(() => void checked(when), TYPING_MS)
    return () => clearTimeout(timer)
  }, [when])
  const put = (at: number, row: Row) => change({ ...rows, rows: rows.rows.map((each, place) => (place === at ? row : each)) })
  const add = () => {
    const [field] = form.fields.values()
    if (field) {
      change({ ...rows, rows: [...rows.rows, { field: field.name, test: testsOf(field)[0] ?? '==', values: [''] }] })
    }
  }
  return (
    <div className={styles['tight']}>
      {rows.rows.length > 1 && (
        <SegmentedControl
          size="xs"
          aria-label={t('joint')}
          value={rows.joint}
          onChange={(joint) => change({ ...rows, joint: joint as Rows['joint'] })}
          data={[
            { value: '&&', label: t('all') },
            { value: '||', label: t('any') },
          ]}
        />
      )}
      {rows.rows.map((row, at) => (
        <RowForm
          // Rows have no names; one is what stands at its place.
          // oxlint-disable-next-line react/no-array-index-key
          key={at}
          at={at + 1}
          row={row}
          change={(next) => put(at, next)}
          remove={() => change({ ...rows, rows: rows.rows.filter((_, place) => place !== at) })}
          {...form}
        />
      ))}
      <Button variant="default" size="sm" leftSection={<IconPlus size={16} />} onClick={add}>
        {t('addRow')}
      </Button>
    </div>
  )
}

function RowForm({
  at,
  row,
  fields,
  lists,
  change,
  remove,
}: Form & { at: number; row: Row; change: (row: Row) => void; remove: () => void }): ReactNode {
  const t = useTranslations('rules')
  const field = fields.get(row.field)
  const choose = (name: string | null) => {
    const next = fields.get(name ?? '')
    if (next) {
      const test = testsOf(next).includes(row.test) ? row.test : (testsOf(next)[0] ?? '==')
      change({ field: next.name, test, values: NONE.has(test) ? [] : [''] })
    }
  }
  const retest = (test: RowTest) => {
    const isSameKind = NONE.has(test) === NONE.has(row.test) && ON_LIST.has(test) === ON_LIST.has(row.test)
    const fallback = NONE.has(test) ? [] : [ON_LIST.has(test) ? (lists[0]?.name ?? '') : '']
    change({ ...row, test, values: isSameKind ? (MANY.has(test) ? row.values : row.values.slice(0, 1)) : fallback })
  }
  return (
    <div className={styles['row']} role="group" aria-label={t('rowNumber', { number: at })}>
      <Select
        size="sm"
        searchable
        aria-label={t('field')}
        data={[...fields.keys()]}
        value={row.field}
        limit={80}
        allowDeselect={false}
        onChange={choose}
      />
      <Select
        size="sm"
        aria-label={t('test')}
        allowDeselect={false}
        data={testsOf(field).map((value) => ({ value, label: t(`tests.${TEST_NAMES[value]}`) }))}
        value={row.test}
        onChange={(test) => test && retest(test as RowTest)}
      />
      {NONE.has(row.test) ? <span /> : <Value row={row} field={field} lists={lists} change={(values) => change({ ...row, values })} />}
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('removeRow', { number: at })} onClick={remove}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  )
}

function Value({
  row,
  field,
  lists,
  change,
}: {
  row: Row
  field: FieldView | undefined
  lists: readonly { name: string }[]
  change: (values: string[]) => void
}): ReactNode {
  const t = useTranslations('rules')
  const words = field?.words ?? []
  if (ON_LIST.has(row.test)) {
    const data = lists.map(({ name }) => name)
    return <Select size="sm" aria-label={t('value')} data={data} value={row.values[0] ?? null} onChange={(list) => change([list ?? ''])} />
  }
  if (MANY.has(row.test)) {
    return <TagsInput size="sm" aria-label={t('value')} data={words} value={row.values.filter(Boolean)} onChange={(values) => change(values.length > 0 ? values : [''])} />
  }
  if (words.length > 0 && (row.test === '==' || row.test === '!=')) {
    return <Select size="sm" searchable aria-label={t('value')} data={words} value={row.values[0] ?? null} onChange={(word) => change([word ?? ''])} />
  }
  return (
    <span className={styles['tight']}>
      <TextInput
        size="sm"
        aria-label={t('value')}
        inputMode={field?.type === 'integer' ? 'numeric' : 'text'}
        value={row.values[0] ?? ''}
        onChange={(event) => change([event.currentTarget.value])}
      />
      {field?.unit && <small dir="auto">{field.unit}</small>}
    </span>
  )
}

const TEST_NAMES = {
  '>': 'above',
  '>=': 'atLeast',
  '<': 'below',
  '<=': 'atMost',
  '==': 'is',
  '!=': 'isNot',
  in: 'oneOf',
  notIn: 'noneOf',
  contains: 'contains',
  startsWith: 'startsWith',
  endsWith: 'endsWith',
  isTrue: 'isTrue',
  isFalse: 'isFalse',
  onList: 'onList',
  notOnList: 'notOnList',
  known: 'known',
  unknown: 'unknown',
} as const
