/** A photo by the camera of the device: seen, taken, and given as a file. Nothing is kept here. */
import { Button } from '@mantine/core'
import { IconCamera } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'

import styles from './camera.module.css'

const SHARPNESS = 0.92

export function Camera({
  facing,
  taken,
  failed,
}: {
  facing: 'user' | 'environment'
  taken: (photo: Blob) => void
  failed: () => void
}): ReactNode {
  const t = useTranslations('camera')
  const video = useRef<HTMLVideoElement>(null)
  const [isReady, setIsReady] = useState(false)
  const failing = useRef(failed)
  useEffect(() => {
    failing.current = failed
  })
  useEffect(() => {
    let stream: MediaStream | null = null
    let isGone = false
    const begin = async () => {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: facing, width: { ideal: 1920 }, height: { ideal: 1080 } },
      })
      const shown = video.current
      if (isGone || !shown) {
        stop(stream)
        return
      }
      shown.srcObject = stream
      await shown.play()
      setIsReady(true)
    }
    // A camera that is missing, busy or forbidden: files are still a way.
    begin().catch(() => isGone || failing.current())
    return () => {
      isGone = true
      stop(stream)
    }
  }, [facing])
  const take = () => {
    const shown = video.current
    if (shown) {
      const canvas = document.createElement('canvas')
      canvas.width = shown.videoWidth
      canvas.height = shown.videoHeight
      canvas.getContext('2d')?.drawImage(shown, 0, 0)
      canvas.toBlob((photo) => photo && taken(photo), 'image/jpeg', SHARPNESS)
    }
  }
  return (
    <div className={styles['camera']}>
      <video ref={video} className={styles['video']} muted playsInline aria-label={t('view')} />
      <Button leftSection={<IconCamera size={18} />} disabled={!isReady} onClick={take}>
        {t('take')}
      </Button>
    </div>
  )
}

function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) {
    track.stop()
  }
}
