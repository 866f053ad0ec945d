import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'

import { ApiError } from '@/api/problems'
import { meQuery, queryClient } from '@/api/queries'
import { LanguageProvider } from '@/lib/i18n'

import { router } from './router'
import { theme } from './theme'

// A session that ended elsewhere ends here: whoever was signed in comes back to where they were.
queryClient.getQueryCache().config.onError = (error) => {
  const { pathname } = globalThis.location
  if (error instanceof ApiError && error.status === 401 && error.code !== 'step_up_required' && pathname !== '/sign-in') {
    queryClient.setQueryData(meQuery.queryKey, null)
    void router.navigate({ to: '/sign-in', search: pathname === '/' ? {} : { next: pathname } })
  }
}

const Notices = lazy(() => import('./notices'))
const schemes = localStorageColorSchemeManager({ key: 'cardwright-scheme' })

/** Everything around the pages. The theme's variables and classes are files of the build: nothing writes styles here. */
export function App(): ReactNode {
  return (
    <LanguageProvider>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        colorSchemeManager={schemes}
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <Suspense>
            <Notices />
          </Suspense>
        </QueryClientProvider>
      </MantineProvider>
    </LanguageProvider>
  )
}
