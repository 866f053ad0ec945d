/** What is asked for each reason: the fields in the order in which one tells a story. The API says what is missing. */
import type { Reason } from '@/api/generated'

export const REASONS = [
  'fraud',
  'not_authorized',
  'not_received',
  'goods_not_as_described',
  'service_not_as_described',
  'canceled',
  'charged_twice',
  'other',
] as const satisfies Reason[]

export type Asked =
  | 'explanation'
  | 'product_description'
  | 'product_kind'
  | 'expected_on'
  | 'received_on'
  | 'canceled_on'
  | 'cancellation_reason'
  | 'cancellation_policy_told'
  | 'returned_on'
  | 'return_outcome'
  | 'return_description'
  | 'duplicate_of'

export const ASKED: Record<Reason, readonly Asked[]> = {
  fraud: ['explanation'],
  not_authorized: ['explanation'],
  charged_twice: ['duplicate_of', 'explanation'],
  canceled: [
    'product_kind',
    'product_description',
    'expected_on',
    'canceled_on',
    'cancellation_reason',
    'cancellation_policy_told',
    'explanation',
  ],
  not_received: ['product_kind', 'product_description', 'expected_on', 'explanation'],
  goods_not_as_described: ['received_on', 'explanation', 'returned_on', 'return_outcome', 'return_description'],
  service_not_as_described: ['received_on', 'canceled_on', 'cancellation_reason', 'explanation'],
  other: ['product_kind', 'product_description', 'explanation'],
}
export const DAYS: ReadonlySet<Asked> = new Set<Asked>(['expected_on', 'received_on', 'canceled_on', 'returned_on'])
export const FILES = ['documentation', 'cash_receipt', 'card_statement', 'check_image'] as const
