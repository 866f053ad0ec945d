import { useQuery } from '@tanstack/react-query'

import { staffQuery } from './console-queries'
import { useMay } from './may'

/** What colleagues are called, by their ids, for those whose role may read the team; nobody has a name for others. */
export function useStaffNames(): (id: string) => string | undefined {
  const may = useMay()
  const { data } = useQuery({ ...staffQuery, enabled: may('users.read') })
  return (id) => {
    const found = data?.find((somebody) => somebody.id === id)
    return found && (found.profile?.full_name ?? found.email)
  }
}
