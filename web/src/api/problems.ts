/** What the API says when it refuses: a problem document (RFC 9457) with a stable code. */

export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
  request_id: string
  [more: string]: unknown
}

const UNREACHABLE: Problem = {
  type: 'about:blank',
  title: 'Unreachable',
  status: 0,
  detail: 'The server cannot be reached.',
  code: 'unreachable',
  request_id: '',
}

/** An answer that is no success; `code` is stable, the words for it are in the catalogues. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(readonly problem: Problem) {
    super(`${problem.status} ${problem.code}`)
  }

  get code(): string {
    return this.problem.code
  }

  get status(): number {
    return this.problem.status
  }
}

/** Make an ApiError of whatever came back: a problem document, something unreadable, or nothing at all. */
export function toApiError(body: unknown, response: Response | undefined): ApiError {
  if (response === undefined) {
    return new ApiError(UNREACHABLE)
  }
  if (isProblem(body)) {
    return new ApiError(body)
  }
  return new ApiError({
    ...UNREACHABLE,
    title: response.statusText,
    status: response.status,
    code: 'unexpected',
    request_id: response.headers.get('x-request-id') ?? '',
  })
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string'
}
