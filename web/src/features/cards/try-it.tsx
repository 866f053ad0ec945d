import { Button, Text } from '@mantine/core'
import { IconExternalLink, IconShoppingCart } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { getTestShop } from '@/api/generated'
import { Panel } from '@/components/page'

/** In a demo: the way to made-up merchants, with this card at hand. What is paid there arrives here by itself. */
export function TryIt({ cardId }: { cardId: string }): ReactNode {
  const t = useTranslations('card')
  const { data: url } = useQuery({
    queryKey: ['cards', cardId, 'test-shop'],
    queryFn: async () => (await answer(getTestShop({ path: { card_id: cardId } }))).url,
  })
  if (!url) {
    return null
  }
  return (
    <Panel>
      <Text size="sm" c="dimmed" mb="sm">
        {t('tryText')}
      </Text>
      <Button
        component="a"
        href={url}
        target="_blank"
        rel="noreferrer"
        fullWidth
        variant="light"
        leftSection={<IconShoppingCart size={18} />}
        rightSection={<IconExternalLink size={16} />}
      >
        {t('tryIt')}
      </Button>
    </Panel>
  )
}
