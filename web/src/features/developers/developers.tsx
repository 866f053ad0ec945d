/** For whoever builds on this: endpoints, what was posted to them, the stream of events, keys, and the live docs. */
import { Button, Tabs } from '@mantine/core'
import { IconBook } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense } from 'react'
import { useTranslations } from 'use-intl'

import { meQuery } from '@/api/queries'
import { Page } from '@/components/page'
import { ListSkeleton } from '@/components/states'

const Webhooks = lazy(() => import('./webhooks'))
const Events = lazy(() => import('./events'))
const ApiKeys = lazy(() => import('./api-keys'))

export function Developers(): ReactNode {
  const t = useTranslations('developers')
  const permissions = useQuery(meQuery).data?.permissions ?? []
  const tabs = [
    { value: 'webhooks', needs: 'webhooks.read', panel: <Webhooks /> },
    { value: 'events', needs: 'events.read', panel: <Events /> },
    { value: 'keys', needs: 'api_keys.read', panel: <ApiKeys /> },
  ] as const
  const shown = tabs.filter(({ needs }) => permissions.includes(needs))
  return (
    <Page
      title={t('title')}
      actions={
        <Button component="a" href="/docs" target="_blank" rel="noreferrer" variant="default" leftSection={<IconBook size={18} />}>
          {t('docs')}
        </Button>
      }
    >
      <Tabs defaultValue="webhooks" keepMounted={false}>
        <Tabs.List mb="lg">
          {shown.map(({ value }) => (
            <Tabs.Tab key={value} value={value}>
              {t(`tabs.${value}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {shown.map(({ value, panel }) => (
          <Tabs.Panel key={value} value={value}>
            <Suspense fallback={<ListSkeleton rows={4} />}>{panel}</Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  )
}
