/** The engine's only fetch: the service answers JSON; whatever else answers is not the service. */

import { offsetMs } from './clock'
import { EngineError } from './errors'

export interface Request {
  token?: string | null
  body?: unknown
  /** Bytes of a photo, instead of `body`. */
  jpeg?: ArrayBuffer
  headers?: Record<string, string>
  timeoutMs?: number
}

export interface Answer {
  status: number
  body: unknown
  etag: string | null
  retryAfterMs: number | null
}

export interface Net {
  /** Raises no_connection: not reached, too slow, redirected, or a page of somebody else (a captive portal). */
  call(method: 'GET' | 'POST' | 'PUT', path: string, request?: Request): Promise<Answer>
}

const ROOT = '/api/v1'
const TIME_LIMIT_MS = 30_000
const CAPTIVE = 511

/** learn: the clock's offset, of every answer that tells the server's time. */
export function createNet(learn: (offset: number) => void, ask: typeof fetch = (...given) => fetch(...given)): Net {
  return {
    async call(method, path, request = {}) {
      const limit = new AbortController()
      const timer = setTimeout(() => limit.abort(), request.timeoutMs ?? TIME_LIMIT_MS)
      const [sentAt, started] = [Date.now(), performance.now()]
      try {
        const response = await ask(ROOT + path, { ...given(request), method, signal: limit.signal })
        const answer = await read(response)
        const told = (answer.body as { server_time?: unknown } | null)?.server_time
        const offset = typeof told === 'string' ? offsetMs(told, sentAt, performance.now() - started) : null
        if (offset !== null) learn(offset)
        return answer
      } catch {
        throw new EngineError('no_connection')
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

function given(request: Request): RequestInit {
  const headers: Record<string, string> = { accept: 'application/json', 'accept-language': document.documentElement.lang || 'ru' }
  if (request.token) headers.authorization = `Bearer ${request.token}`
  if (request.jpeg) headers['content-type'] = 'image/jpeg'
  else if (request.body !== undefined) headers['content-type'] = 'application/json'
  return {
    headers: { ...headers, ...request.headers },
    body: request.jpeg ?? (request.body === undefined ? null : JSON.stringify(request.body)),
    redirect: 'error',
    credentials: 'omit',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
  }
}

async function read(response: Response): Promise<Answer> {
  const json = /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '')
  const bare = response.status === 304 || response.status === 204
  // A gateway in front of the service says "unavailable" by a page of its own.
  if ((!json && !bare && response.status < 500) || response.status === CAPTIVE) throw new TypeError('not the service')
  const seconds = Number(response.headers.get('retry-after') ?? NaN)
  return {
    status: response.status,
    body: json ? ((await response.json()) as unknown) : null,
    etag: response.headers.get('etag'),
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null,
  }
}

/** An answer that is no success as an error with the server's code and its sentence for the courier. */
export function refusal(answer: Answer): EngineError {
  const told = (answer.body ?? {}) as { code?: unknown; detail?: unknown }
  const code = typeof told.code === 'string' ? told.code : answer.status >= 500 ? 'unavailable' : `http_${answer.status}`
  return new EngineError(code, typeof told.detail === 'string' ? told.detail : '', answer.retryAfterMs)
}

export const isOk = (answer: Answer): boolean => answer.status >= 200 && answer.status < 300
