import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { useMay } from '@/api/may'

import { CopyId } from './copy-id'

/** Somebody, and the way to everything about them, for those who may look; else the id. */
export function PersonLink({ id, name }: { id: string; name?: string | null | undefined }): ReactNode {
  const may = useMay()
  if (!may('users.read')) {
    return name ?? <CopyId id={id} />
  }
  return (
    <Link to="/console/customers/$userId" params={{ userId: id }}>
      <bdi>{name ?? `…${id.slice(-8)}`}</bdi>
    </Link>
  )
}
