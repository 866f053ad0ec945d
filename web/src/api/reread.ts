import { MutationCache, type QueryKey, useQueryClient } from '@tanstack/react-query'

/** Read anew what has just been changed; resolves once it is there. */
export function useReread(...keys: readonly QueryKey[]): () => Promise<unknown> {
  const client = useQueryClient()
  return () => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })))
}

/**
 * Whatever was being read while something was changed is asked for once more: its answer may be as things were before,
 * and would overwrite what the change has just shown.
 */
export function rereadAfterChanges(): MutationCache {
  return new MutationCache({
    onSuccess: (_answer, _asked, _before, _mutation, { client }) => {
      void client.refetchQueries({ fetchStatus: 'fetching' })
    },
  })
}
