import { type QueryKey, useQueryClient } from '@tanstack/react-query'

/** Read anew what has just been changed; resolves once it is there. */
export function useReread(...keys: readonly QueryKey[]): () => Promise<unknown> {
  const client = useQueryClient()
  return () => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })))
}
