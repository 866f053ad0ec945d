import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { useMay } from '@/api/may'

import { CopyId } from './copy-id'

const TAIL = 8

/** The proposal that two people agreed to, for those who may see it; else its id. */
export function ApprovalLink({ id }: { id: string }): ReactNode {
  return useMay()('approvals.read') ? (
    <Link to="/console/approvals" search={{ open: id }}>
      <bdi dir="ltr">…{id.slice(-TAIL)}</bdi>
    </Link>
  ) : (
    <CopyId id={id} />
  )
}
