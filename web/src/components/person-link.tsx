import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { useMay } from '@/api/may'
import { usePersonName } from '@/api/person-names'
import { useStaffNames } from '@/api/staff-names'
import { tailOf } from '@/lib/ids'

import { CopyId } from './copy-id'

/** Somebody, and the way to everything about them, for those who may look; else the id. */
export function PersonLink({ id, name }: { id: string; name?: string | null | undefined }): ReactNode {
  const may = useMay()
  const staff = useStaffNames()
  const told = usePersonName(id, name === undefined || name === null)
  if (!may('users.read')) {
    return name ?? <CopyId id={id} />
  }
  return (
    <Link to="/console/customers/$userId" params={{ userId: id }}>
      <bdi>{name ?? told ?? staff(id) ?? tailOf(id)}</bdi>
    </Link>
  )
}

/** What somebody is called, in a row that leads elsewhere: the end of the id where it is not known. */
export function PersonName({ id }: { id: string }): ReactNode {
  return <bdi>{usePersonName(id) ?? tailOf(id)}</bdi>
}
