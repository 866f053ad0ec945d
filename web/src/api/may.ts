import { useQuery } from '@tanstack/react-query'

import { meQuery } from './queries'

/** Whether a role of whoever is signed in reaches a permission of the API. The API decides; this only spares dead ends. */
export function useMay(): (permission: string) => boolean {
  const { data: me } = useQuery(meQuery)
  return (permission) => me?.permissions.includes(permission) ?? false
}
