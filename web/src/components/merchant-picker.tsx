import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import { answer } from '@/api/client'
import { type CardwrightMerchantsSchemasMerchantView as MerchantView, listMerchants, listPayments } from '@/api/generated'

const TYPING_MS = 200
const SHOWN = 20
/** Whoever is no staff gives as many letters at least. */
const SHORTEST = 3

/** A merchant that somebody paid or has picked here; null for one that they never met. */
export const merchantQuery = (merchantId: string) =>
  queryOptions({
    queryKey: ['merchants', merchantId],
    queryFn: async (): Promise<Named | null> => {
      const { data } = await answer(listPayments({ query: { merchant_id: merchantId, limit: 1 } }))
      return data[0]?.merchant ?? null
    },
    staleTime: Infinity,
  })

type Named = Pick<MerchantView, 'id' | 'name' | 'logo_letter' | 'colour'>

/** One merchant, found by its name. */
export function MerchantPicker({
  label,
  placeholder,
  nothing,
  value,
  choose,
}: {
  label: string
  placeholder: string
  nothing: string
  value: string | null
  choose: (merchant: MerchantView | null) => void
}): ReactNode {
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, TYPING_MS)
  const client = useQueryClient()
  const { data = [] } = useQuery({
    queryKey: ['merchants', 'search', search],
    queryFn: async () => (await answer(listMerchants({ query: { limit: SHOWN, search } }))).data,
    enabled: search.length >= SHORTEST,
    placeholderData: keepPreviousData,
  })
  return (
    <Select
      label={label}
      placeholder={placeholder}
      searchable
      clearable
      value={value}
      data={data.map((merchant) => ({ value: merchant.id, label: `${merchant.name} · ${merchant.country}` }))}
      filter={({ options }) => options}
      nothingFoundMessage={nothing}
      onSearchChange={(text) => setTyped(text.split(' · ')[0] ?? '')}
      onChange={(chosen) => {
        const merchant = data.find(({ id }) => id === chosen) ?? null
        if (merchant) {
          client.setQueryData(merchantQuery(merchant.id).queryKey, merchant)
        }
        choose(merchant)
      }}
    />
  )
}
