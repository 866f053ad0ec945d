import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { useMay } from '@/api/may'
import { useStaffNames } from '@/api/staff-names'
import { tailOf } from '@/lib/ids'

import { CopyId } from './copy-id'

/** Somebody, and the way to everything about them, for those who may look; else the id. */
export function PersonLink({ id, name }: { id: string; name?: string | null | undefined }): ReactNode {
  const may = useMay()
  const staff = useStaffNames()
  if (!may('users.read')) {
    return name ?? <CopyId id={id} />
  }
  return (
    <Link to="/console/customers/$userId" params={{ userId: id }}>
      <bdi>{name ?? staff(id) ?? tailOf(id)}</bdi>
    </Link>
  )
}
