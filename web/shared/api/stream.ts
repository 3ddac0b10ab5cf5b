/** Server-sent events read by fetch: the browser's own EventSource cannot send the token. */

import { language } from '@shared/kit/i18n'
import { forgetToken, token } from '@shared/kit/session'

import { ApiError, NoAnswer } from './errors'

/** event '' = only a sign of life. id: what to come back with. */
export type Heard = (event: string, data: unknown, id: string) => void

/** The service gives a sign of life every few seconds. */
export const SILENCE_MS = 15_000

/** Ends when the service ends it. Throws ApiError, NoAnswer (broken, silent for too long) and what `signal` aborts with. */
export async function listen(
  path: string, query: Record<string, string | undefined>, cursor: string, heard: Heard, signal: AbortSignal,
): Promise<void> {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), SILENCE_MS)
  const alive = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), SILENCE_MS)
  }
  try {
    const response = await open(path, query, cursor, AbortSignal.any([signal, silence.signal]))
    await take(response, heard, alive)
  } catch (fault) {
    if (signal.aborted || fault instanceof ApiError) throw fault
    throw new NoAnswer(!navigator.onLine)
  } finally {
    clearTimeout(timer)
  }
}

async function open(path: string, query: Record<string, string | undefined>, cursor: string, signal: AbortSignal): Promise<Response> {
  const used = token.value
  const asked = new URLSearchParams(Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1])))
  const headers: Record<string, string> = { accept: 'text/event-stream', 'accept-language': language.value }
  if (used) headers.authorization = `Bearer ${used}`
  if (cursor) headers['last-event-id'] = cursor
  const response = await fetch(asked.size ? `${path}?${asked}` : path, { headers, signal, cache: 'no-store' })
  if (response.ok) return response
  if (response.status === 401 && used === token.value) forgetToken(true)
  throw new ApiError({ status: response.status, code: `http_${response.status}`, title: '', detail: '' })
}

async function take(response: Response, heard: Heard, alive: () => void): Promise<void> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    alive()
    const blocks = (rest + value).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) tell(block, heard)
  }
}

function tell(block: string, heard: Heard): void {
  const said: Record<string, string> = {}
  for (const line of block.split('\n')) {
    const at = line.indexOf(':')
    if (at > 0) said[line.slice(0, at)] = line.slice(at + 1).replace(/^ /, '')
  }
  heard(said.event ?? '', said.data ? JSON.parse(said.data) : null, said.id ?? '')
}
