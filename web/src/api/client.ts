/** The generated client, as our own pages use it: the session's cookie, the header against other sites, typed errors. */
import { client } from './generated/client.gen'
import { toApiError } from './problems'

const CSRF_HEADER = 'X-CSRF-Protection'

export function configureClient(): void {
  client.setConfig({
    baseUrl: '',
    credentials: 'same-origin',
    headers: { [CSRF_HEADER]: '1' },
    throwOnError: true,
  })
  client.interceptors.error.clear()
  client.interceptors.error.use((error, response) => toApiError(error, response))
}

/** The answer's body, from a call of the generated client; every failure is an ApiError. */
export async function answer<T>(call: Promise<{ data?: T | undefined }>): Promise<NonNullable<T>> {
  const { data } = await call
  return data as NonNullable<T>
}

/** For calls whose success has no body. */
export async function done(call: Promise<unknown>): Promise<void> {
  await call
}
