/** What is asked of somebody who has to prove once more that it is them. */
import { Button, Modal, PinInput, Text } from '@mantine/core'
import { IconFingerprint } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'

import { answer } from '@/api/client'
import { stepUpWithTotp } from '@/api/generated'
import { canUsePasskeys, stepUpByPasskey } from '@/lib/passkeys'
import { useProblemText } from '@/lib/problem-text'

import { ButtonLink } from './button-link'

const CODE_LENGTH = 6

export default function Dialog({
  asked,
  close,
  proven,
}: {
  asked: 'code' | 'setUp'
  close: () => void
  proven: () => void
}): ReactNode {
  return asked === 'code' ? <Question close={close} proven={proven} /> : <SetUp close={close} />
}

function Question({ close, proven }: { close: () => void; proven: () => void }): ReactNode {
  const t = useTranslations('stepUp')
  const all = useTranslations()
  const text = useProblemText()
  const [failure, setFailure] = useState<unknown>(null)
  const [code, setCode] = useState('')
  const send = (whole: string) => {
    setFailure(null)
    answer(stepUpWithTotp({ body: { code: whole } }))
      .then(proven, setFailure)
      .finally(() => setCode(''))
  }
  return (
    <Modal opened onClose={close} title={t('title')} closeButtonProps={{ 'aria-label': all('common.close') }}>
      <Text mb="md">{t('text')}</Text>
      <PinInput
        length={CODE_LENGTH}
        type="number"
        oneTimeCode
        dir="ltr"
        value={code}
        onChange={setCode}
        onComplete={send}
        error={failure !== null}
        aria-label={all('auth.code')}
        data-autofocus
      />
      {canUsePasskeys() && (
        <Button
          variant="default"
          mt="md"
          fullWidth
          leftSection={<IconFingerprint size={18} />}
          onClick={() => {
            setFailure(null)
            stepUpByPasskey().then(proven, setFailure)
          }}
        >
          {t('passkey')}
        </Button>
      )}
      {failure !== null && (
        <Text role="alert" c="var(--cw-negative)" mt="sm">
          {text(failure)}
        </Text>
      )}
    </Modal>
  )
}

function SetUp({ close }: { close: () => void }): ReactNode {
  const t = useTranslations('stepUp')
  const common = useTranslations('common')
  return (
    <Modal opened onClose={close} title={t('setUpTitle')} closeButtonProps={{ 'aria-label': common('close') }}>
      <Text mb="lg">{t('setUpText')}</Text>
      <ButtonLink to="/security" onClick={close} fullWidth>
        {t('setUp')}
      </ButtonLink>
    </Modal>
  )
}
