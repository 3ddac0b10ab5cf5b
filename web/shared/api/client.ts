/** The only place that calls fetch: token, language, answers into values or errors of `errors.ts`. */

import { learnServerTime } from '@shared/kit/clock'
import { language } from '@shared/kit/i18n'
import { forgetToken, token } from '@shared/kit/session'

import { ApiError, NoAnswer, type Problem } from './errors'

export interface CallOptions {
  query?: Record<string, string | number | null | undefined>
  body?: unknown
  /** Sent as it is, under its own media type. */
  content?: Blob
  key?: string
  signal?: AbortSignal
}

const TIME_LIMIT_MS = 30_000
const FILE_LIMIT_MS = 300_000

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const used = token.value
  const response = await send(method, path, options, used)
  learnServerTime(response.headers.get('date'))
  if (response.ok) return (await wholeJson(response)) as T
  // A late 401 of an earlier token must not throw out the person who has just come in.
  if (response.status === 401 && used !== null && used === token.value) forgetToken(true)
  throw new ApiError(await problemOf(response), retryAfter(response))
}

/** A file, which the service makes first. */
export async function callFile(path: string, options: CallOptions = {}): Promise<Blob> {
  const used = token.value
  const response = await send('GET', path, options, used, FILE_LIMIT_MS)
  if (response.ok) return await response.blob()
  if (response.status === 401 && used === token.value) forgetToken(true)
  throw new ApiError(await problemOf(response), retryAfter(response))
}

async function send(method: Method, path: string, options: CallOptions, bearer: string | null, limitMs = TIME_LIMIT_MS): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', 'accept-language': language.value }
  if (bearer) headers.authorization = `Bearer ${bearer}`
  if (options.content) headers['content-type'] = options.content.type
  else if (options.body !== undefined) headers['content-type'] = 'application/json'
  if (options.key) headers['idempotency-key'] = options.key
  const limit = AbortSignal.timeout(limitMs)
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit
  const body = options.content ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
  try {
    return await fetch(path + queryText(options.query), { method, headers, signal, body, cache: 'no-store' })
  } catch {
    throw new NoAnswer(!navigator.onLine)
  }
}

function queryText(query: CallOptions['query'] = {}): string {
  const text = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') text.set(name, String(value))
  }
  return text.size ? `?${text}` : ''
}

async function wholeJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new NoAnswer(!navigator.onLine)
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const plain: Problem = { status: response.status, code: `http_${response.status}`, title: '', detail: '' }
  try {
    const told = (await response.json()) as Partial<Problem>
    return { ...plain, ...told, status: response.status }
  } catch {
    return plain // a proxy's page, not ours
  }
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? NaN)
  return Number.isFinite(seconds) ? seconds : null
}
