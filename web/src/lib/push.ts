/** Push in this browser: the worker that shows it, the subscription, and the device that the API knows it by. */
import { answer, done } from '@/api/client'
import { getPushKey, registerDevice, revokeDevice } from '@/api/generated'
import { once } from '@/api/intents'

const WORKER = '/sw.js'
const KEPT_AS = 'cardwright-push-device'

export type PushState = 'unsupported' | 'blocked' | 'off' | 'on'

export async function pushState(): Promise<PushState> {
  if (!('serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis)) {
    return 'unsupported'
  }
  if (Notification.permission === 'denied') {
    return 'blocked'
  }
  const registration = await navigator.serviceWorker.getRegistration(WORKER)
  const subscription = await registration?.pushManager.getSubscription()
  return subscription && localStorage.getItem(KEPT_AS) ? 'on' : 'off'
}

/** Ask the person, subscribe, and tell the API. Throws what the browser or the API says against it. */
export async function switchPushOn(): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') {
    return
  }
  const { public_key } = await answer(getPushKey())
  const address = workerAddress()
  await navigator.serviceWorker.register(address)
  const registration = await navigator.serviceWorker.ready
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: public_key })
  const { endpoint, keys, expirationTime } = subscription.toJSON()
  const given = {
    endpoint: endpoint ?? '',
    keys: { p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '' },
    expirationTime: expirationTime ?? null,
  }
  const device = await answer(registerDevice({ body: { platform: 'web', subscription: given }, headers: once() }))
  localStorage.setItem(KEPT_AS, device.id)
}

export async function switchPushOff(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration(WORKER)
  const subscription = await registration?.pushManager.getSubscription()
  await subscription?.unsubscribe()
  const device = localStorage.getItem(KEPT_AS)
  localStorage.removeItem(KEPT_AS)
  if (device) {
    await done(revokeDevice({ path: { device_id: device } }))
  }
}

interface TrustedTypes {
  createPolicy: (name: string, rules: { createScriptURL: () => string }) => { createScriptURL: (text: string) => string }
}
let policy: ReturnType<TrustedTypes['createPolicy']> | undefined

/** The address of the worker, as browsers with Trusted Types want it: the one policy there is knows no other. */
function workerAddress(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  policy ??= trustedTypes?.createPolicy('cardwright-worker', { createScriptURL: () => WORKER })
  return policy?.createScriptURL(WORKER) ?? WORKER
}
