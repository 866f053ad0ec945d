import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { staffQuery } from '@/api/console-queries'
import { useMay } from '@/api/may'

import { CopyId } from './copy-id'

const TAIL = 8

/** Somebody, and the way to everything about them, for those who may look; else the id. Staff are known by name. */
export function PersonLink({ id, name }: { id: string; name?: string | null | undefined }): ReactNode {
  const mayLook = useMay()('users.read')
  const { data: staff } = useQuery({ ...staffQuery, enabled: mayLook && !name })
  if (!mayLook) {
    return name ?? <CopyId id={id} />
  }
  const colleague = staff?.find((each) => each.id === id)
  return (
    <Link to="/console/customers/$userId" params={{ userId: id }}>
      <bdi>{name ?? colleague?.profile?.full_name ?? colleague?.email ?? `…${id.slice(-TAIL)}`}</bdi>
    </Link>
  )
}

/** Whoever did something: a person, or a part of the product that has a word for an id. */
export function Doer({ id }: { id: string }): ReactNode {
  return id.startsWith('user_') ? <PersonLink id={id} /> : <CopyId id={id} />
}
