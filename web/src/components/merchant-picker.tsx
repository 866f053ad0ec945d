import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import { answer } from '@/api/client'
import { type CardwrightMerchantsSchemasMerchantView as MerchantView, getMerchant, listMerchants } from '@/api/generated'

const TYPING_MS = 200
const SHOWN = 20

export const merchantQuery = (merchantId: string) =>
  queryOptions({
    queryKey: ['merchants', merchantId],
    queryFn: () => answer(getMerchant({ path: { merchant_id: merchantId } })),
    staleTime: 60_000,
  })

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
  const { data = [] } = useQuery({
    queryKey: ['merchants', 'search', search],
    queryFn: async () => (await answer(listMerchants({ query: { limit: SHOWN, ...(search ? { search } : {}) } }))).data,
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
      onChange={(chosen) => choose(data.find(({ id }) => id === chosen) ?? null)}
    />
  )
}
