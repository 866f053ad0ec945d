import { lazyRouteComponent } from '@tanstack/react-router'

import type { Group } from '@/lib/catalogues'
import { loadTexts } from '@/lib/i18n'

/** A page that comes with its texts, when it is visited or a pointer comes near a link to it. */
export function page<T extends object, K extends keyof T & string>(texts: Group | readonly Group[], load: () => Promise<T>, name: K) {
  return lazyRouteComponent(async () => {
    const [module] = await Promise.all([load(), ...[texts].flat().map((group) => loadTexts(group))])
    return module as T & Record<string, never>
  }, name)
}
