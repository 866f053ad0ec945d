import type { camera as english } from '../en/camera'
import type { Texts } from '../texts'

export const camera: Texts<typeof english> = {
  view: 'Was die Kamera sieht',
  take: 'Foto aufnehmen',
  failed: 'Die Kamera lässt sich hier nicht benutzen. Wählen Sie eine Datei.',
}
