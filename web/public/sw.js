// Shows what is pushed while no page is open, and takes answers by its buttons. It serves no page and keeps nothing.
const PLACES = { challenges: '/approvals', cases: '/approvals', funding: '/money', kyc: '/identity' }

self.addEventListener('push', (event) => {
  if (!event.data) {
    return
  }
  const told = event.data.json()
  const actions = told.actions ?? []
  event.waitUntil(
    self.registration.showNotification(told.title, {
      body: told.body,
      tag: told.notification_id,
      data: told,
      icon: '/favicon.svg',
      requireInteraction: actions.length > 0,
      actions: actions.map(({ action, title }) => ({ action, title })),
    }),
  )
})

self.addEventListener('notificationclick', (event) => {
  const told = event.notification.data ?? {}
  event.notification.close()
  const chosen = (told.actions ?? []).find(({ action }) => action === event.action)
  event.waitUntil(chosen ? answer(told, chosen) : open(told))
})

async function answer(told, { action, token }) {
  const response = await fetch('/v1/answers', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token, answer: action }),
  }).catch(() => null)
  if (response?.ok) {
    const { text } = await response.json()
    await self.registration.showNotification(told.title, { body: text, tag: told.notification_id, icon: '/favicon.svg' })
    return
  }
  // It takes more than a button, such as a second factor, or it is over: the page says which.
  await open(told)
}

async function open(told) {
  const place = PLACES[String(told.event_type).split('.')[0]] ?? '/inbox'
  const windows = await self.clients.matchAll({ type: 'window' })
  const shown = windows.find((one) => 'focus' in one)
  if (shown) {
    await shown.focus()
    await shown.navigate(place).catch(() => self.clients.openWindow(place))
  } else {
    await self.clients.openWindow(place)
  }
}
