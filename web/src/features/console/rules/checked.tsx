import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { CardwrightRulesSchemasCheckView as CheckView, FieldView } from '@/api/generated'
import { Panel } from '@/components/page'

import styles from './rules.module.css'

/** What is wrong with a condition, with its place, for those whom a wavy line does not reach. */
export function Faults({ checked }: { checked: CheckView | null }): ReactNode {
  const t = useTranslations('rules')
  return (
    <div aria-live="polite">
      {checked && !checked.is_valid && (
        <ul className={styles['faults']}>
          {checked.diagnostics.map(({ line, column, message, suggestion }) => (
            <li key={`${line}:${column}:${message}`}>
              <span className={styles['place']} dir="ltr">
                {line}:{column}
              </span>
              <span dir="auto">{message}</span>
              {suggestion && (
                <span>
                  {t.rich('didYouMean', { suggestion, code: (text) => <code className={styles['code']}>{text}</code> })}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {checked?.is_valid && <p className={styles['dim']}>{t('valid')}</p>}
    </div>
  )
}

/** The fields that a condition reads, in words. */
export function FieldsRead({ fields }: { fields: readonly FieldView[] }): ReactNode {
  const t = useTranslations('rules')
  return (
    fields.length > 0 && (
      <Panel title={t('reads')}>
        <ul className={styles['read']}>
          {fields.map(({ name, sentence, unit }) => (
            <li key={name}>
              <code className={styles['code']}>{name}</code>
              <span className={styles['dim']} dir="auto">
                {sentence.replaceAll('`', '')} {unit && `(${unit})`}
              </span>
            </li>
          ))}
        </ul>
      </Panel>
    )
  )
}
