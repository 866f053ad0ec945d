import type { ReactNode } from 'react'

import { CardFace, type Shown } from '@/components/card-face'

import styles from './auth.module.css'

const NEVER_ISSUED = { state: 'active', exp_month: 4, exp_year: 2031 } as const
const SHOWN: Shown[] = [
  { ...NEVER_ISSUED, id: 'first', label: 'Everyday', last4: '4021', colour: 'evergreen' },
  { ...NEVER_ISSUED, id: 'second', label: 'Streaming', last4: '7716', colour: 'violet' },
  { ...NEVER_ISSUED, id: 'third', label: 'Lisbon', last4: '0938', colour: 'orange' },
]

/** What cards look like, before one has any. */
export default function Fan(): ReactNode {
  return SHOWN.map((card) => (
    <div key={card.id} className={styles['fanned']}>
      <CardFace card={card} decorative />
    </div>
  ))
}
