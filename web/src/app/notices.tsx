import '@mantine/notifications/styles.layer.css'

import { Notifications } from '@mantine/notifications'
import type { ReactNode } from 'react'

const SHOWN_MS = 6_000

/** Where short news appear. Loaded after the first page, which has none. */
export default function Notices(): ReactNode {
  return <Notifications position="bottom-center" limit={3} autoClose={SHOWN_MS} />
}
