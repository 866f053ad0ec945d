import { Link } from '@tanstack/react-router'
import { type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import type { RuleFindingsView, ShareView } from '@/api/generated'
import { DetailList } from '@/components/detail-list'
import { Meter } from '@/components/meter'
import { Panel } from '@/components/page'
import { Tag } from '@/components/tag'
import { formatMoment } from '@/lib/dates'
import { useLanguage } from '@/lib/i18n'
import { formatMoney } from '@/lib/money'

import styles from './rules.module.css'

const PERCENT = 100

/** What one rule would have met: value, precision and recall with their intervals, examples. */
export function RuleFindings({ rule, when }: { rule: RuleFindingsView; when: string | undefined }): ReactNode {
  const t = useTranslations('rules')
  const { formats } = useLanguage()
  const value = Object.entries(rule.value).map(([currency, amount]) => formatMoney(amount, currency, formats))
  return (
    <Panel title={<bdi className={styles['code']}>{rule.rule}</bdi>}>
      <div className={styles['stack']}>
        {when && <code className={`${styles['code']} ${styles['block']}`}>{when}</code>}
        <DetailList
          stacked
          rows={[
            [t('matches'), rule.matches.toLocaleString(formats)],
            [t('value'), value.join(', ')],
            [t('wouldDecline'), rule.would_decline.toLocaleString(formats)],
            [t('goodCustomers'), rule.good_customers.toLocaleString(formats)],
            [t('fraud'), rule.fraud.toLocaleString(formats)],
            [t('genuine'), rule.genuine.toLocaleString(formats)],
            [t('unlabelled'), rule.unlabelled.toLocaleString(formats)],
          ]}
        />
        <div>
          <Share name={t('precision')} share={rule.precision} />
          <Share name={t('recall')} share={rule.recall} />
        </div>
        {rule.examples.length > 0 && <Examples rule={rule} />}
      </div>
    </Panel>
  )
}

function Share({ name, share }: { name: string; share: ShareView | null }): ReactNode {
  const t = useTranslations('rules')
  const { formats } = useLanguage()
  const percent = (part: number) => `${(part * PERCENT).toLocaleString(formats, { maximumFractionDigits: 0 })} %`
  return share === null ? (
    <Meter name={name} part={0} said={t('noLabels')} />
  ) : (
    <Meter name={name} part={share.value} span={share} said={percent(share.value)} aside={`${percent(share.low)} – ${percent(share.high)} · ${share.part} / ${share.whole}`} />
  )
}

function Examples({ rule }: { rule: RuleFindingsView }): ReactNode {
  const t = useTranslations('rules')
  const { formats } = useLanguage()
  return (
    <div className={styles['scroll']} tabIndex={0} role="region" aria-label={t('examples')}>
      <table className={styles['examples']}>
        <thead>
          <tr>
            <th>{t('payment')}</th>
            <th>{t('amount')}</th>
            <th>{t('outcome')}</th>
            <th>{t('label')}</th>
          </tr>
        </thead>
        <tbody>
          {rule.examples.map((example) => (
            <tr key={example.decision_id}>
              <td>
                {example.payment_id ? (
                  <Link to="/console/payments/$paymentId" params={{ paymentId: example.payment_id }}>
                    {formatMoment(example.decided_at, formats)}
                  </Link>
                ) : (
                  formatMoment(example.decided_at, formats)
                )}
              </td>
              <td>{formatMoney(example.amount, example.currency, formats)}</td>
              <td>
                <Tag tone={example.is_approved ? 'good' : 'bad'}>{t(`outcomes.${example.is_approved ? 'approved' : 'declined'}`)}</Tag>
              </td>
              <td>{example.label === 'fraud' || example.label === 'genuine' ? t(example.label) : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
