/** What is chosen of a queue: waited for, said to be out of reach, or there, with its head. */
import { Skeleton } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { DetailList } from './detail-list'
import styles from './opened.module.css'
import { Panel } from './page'
import { ErrorState } from './states'

export function Opened<Data>({ query, children }: { query: UseQueryResult<Data>; children: (data: Data) => ReactNode }): ReactNode {
  const { data, error, refetch } = query
  if (data === undefined) {
    return <Panel>{error ? <ErrorState error={error} retry={() => void refetch()} /> : <Skeleton h={340} radius="lg" />}</Panel>
  }
  return <div className={styles['opened']}>{children(data)}</div>
}

/** What it is, how it stands, the sum it is about, and the facts. */
export function Head({
  title,
  tags,
  sum,
  children,
  facts,
}: {
  title: ReactNode
  tags: ReactNode
  sum?: ReactNode
  children?: ReactNode
  facts: Parameters<typeof DetailList>[0]['rows']
}): ReactNode {
  return (
    <Panel>
      <div className={styles['head']}>
        <div>
          <h2>{title}</h2>
          <div className={styles['tags']}>{tags}</div>
        </div>
        {sum && <span className={styles['sum']}>{sum}</span>}
      </div>
      {children}
      <DetailList stacked rows={facts} />
    </Panel>
  )
}

/** Two columns where there is room for them. */
export function Columns({ children }: { children: readonly [ReactNode, ReactNode] }): ReactNode {
  const [first, second] = children
  return (
    <div className={styles['columns']}>
      <div className={styles['column']}>{first}</div>
      <div className={styles['column']}>{second}</div>
    </div>
  )
}
