import { Button, Modal, Text, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, type KeyboardEvent, type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { useProblemText } from '@/lib/problem-text'

import { Declined, useStepUp } from './step-up'
import styles from './reason-dialog.module.css'

/** Something that staff do to what is another's: what will happen, and why, which the audit trail keeps. */
export function ReasonDialog({
  title,
  text,
  confirm,
  label,
  optional = false,
  dangerous = false,
  children,
  run,
  close,
}: {
  title: string
  text?: ReactNode
  /** The words of the button that does it. */
  confirm: string
  label?: string
  optional?: boolean
  dangerous?: boolean
  /** Further fields, above the reason. */
  children?: ReactNode
  /** Do it; the dialog closes when this resolves, and says what went wrong when it rejects. */
  run: (reason: string) => Promise<unknown>
  close: () => void
}): ReactNode {
  const t = useTranslations('shared')
  const common = useTranslations('common')
  const problem = useProblemText()
  const guarded = useStepUp()
  const [reason, setReason] = useState('')
  const act = useMutation({ mutationFn: () => guarded(() => run(reason.trim())), onSuccess: close })
  const isReady = optional || reason.trim() !== ''
  const send = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault()
    if (isReady && !act.isPending) {
      act.mutate()
    }
  }
  const failed = act.error !== null && !(act.error instanceof Declined)
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': common('close') }}>
      <form onSubmit={send} className={styles['form']}>
        {text && <Text>{text}</Text>}
        {children}
        <Textarea
          label={label ?? t('reason')}
          required={!optional}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
              send(event)
            }
          }}
          data-autofocus
        />
        {failed && (
          <Text role="alert" c="var(--cw-negative)">
            {problem(act.error)}
          </Text>
        )}
        <div className={styles['deeds']}>
          <Button variant="default" onClick={close}>
            {common('cancel')}
          </Button>
          <Button type="submit" disabled={!isReady} loading={act.isPending} {...(dangerous ? { color: 'red', variant: 'light' } : {})}>
            {confirm}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
