import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { staffQuery } from '@/api/console-queries'
import { useMay } from '@/api/may'
import { wordOf } from '@/lib/words'

import { CopyId } from './copy-id'

const TAIL = 8

/** Somebody, and the way to everything about them, for those who may look; else the id. Colleagues are known by name or role. */
export function PersonLink({ id, name }: { id: string; name?: string | null | undefined }): ReactNode {
  const roles = useTranslations('staff.roles')
  const mayLook = useMay()('users.read')
  const { data: staff } = useQuery({ ...staffQuery, enabled: mayLook && !name })
  if (!mayLook) {
    return name ?? <CopyId id={id} />
  }
  const tail = `…${id.slice(-TAIL)}`
  const colleague = staff?.find((each) => each.id === id)
  const role = colleague?.roles[0]
  return (
    <Link to="/console/customers/$userId" params={{ userId: id }} title={id}>
      <bdi>{name ?? colleague?.profile?.full_name ?? (role ? `${wordOf(roles, role)} ${tail}` : tail)}</bdi>
    </Link>
  )
}

/** Whoever did something: a person, or a part of the product that has a word for an id. */
export function Doer({ id }: { id: string }): ReactNode {
  return id.startsWith('user_') ? <PersonLink id={id} /> : <CopyId id={id} />
}
