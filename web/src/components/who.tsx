import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { meQuery } from '@/api/queries'
import { useStaffNames } from '@/api/staff-names'
import { tailOf } from '@/lib/ids'

import { CopyId } from './copy-id'

const SYSTEM = 'system'

/** What to call whoever did something, in a line of text: the end of the id where no name is known. */
export function useNames(): (id: string) => string {
  const named = useNamed()
  return (id) => named(id) ?? tailOf(id)
}

/** Whoever did something, by name where it is known; the id can be copied. */
export function Who({ id }: { id: string }): ReactNode {
  return <CopyId id={id} name={useNamed()(id)} />
}

function useNamed(): (id: string) => string | undefined {
  const t = useTranslations('queue')
  const { data: me } = useQuery(meQuery)
  const staff = useStaffNames()
  return (id) => (id === me?.id ? t('you') : id === SYSTEM ? t('system') : staff(id))
}
