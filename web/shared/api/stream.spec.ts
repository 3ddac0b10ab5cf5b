import { setToken } from '@shared/kit/session'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { ApiError, NoAnswer } from './errors'
import { SILENCE_MS, listen } from './stream'

const bytes = (...parts: string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part))
      controller.close()
    },
  })

function answering(response: Response | Error): void {
  vi.stubGlobal('fetch', vi.fn<typeof fetch>(() => (response instanceof Error ? Promise.reject(response) : Promise.resolve(response))))
}

async function heard(response: Response | Error): Promise<[string, unknown, string][]> {
  answering(response)
  const all: [string, unknown, string][] = []
  await listen('/s', { day: '2026-11-22', q: '' }, '5:9:', (event, data, id) => all.push([event, data, id]), new AbortController().signal)
  return all
}

beforeEach(() => setToken('person-1'))
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

it('reads events however they are cut, and asks from its cursor with the token', async () => {
  const all = await heard(new Response(bytes('id: 1:2:\nevent: hello\nda', 'ta: {"a":1}\n', '\nevent: beat\ndata: {}\n\nid: 3:4:\n\n')))
  expect(all).toEqual([['hello', { a: 1 }, '1:2:'], ['beat', {}, ''], ['', null, '3:4:']])
  const [url, init] = vi.mocked(fetch).mock.calls[0]!
  expect(url).toBe('/s?day=2026-11-22')
  expect(init?.headers).toMatchObject({ authorization: 'Bearer person-1', 'last-event-id': '5:9:' })
})

it('tells a refusal from a broken connection', async () => {
  await expect(heard(new Response('', { status: 403 }))).rejects.toBeInstanceOf(ApiError)
  await expect(heard(new TypeError('no network'))).rejects.toBeInstanceOf(NoAnswer)
})

it('gives up on a service that has fallen silent', async () => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', vi.fn<typeof fetch>((_, init) => new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))))))
  const waiting = listen('/s', {}, '', () => {}, new AbortController().signal)
  const failed = expect(waiting).rejects.toBeInstanceOf(NoAnswer)
  await vi.advanceTimersByTimeAsync(SILENCE_MS + 1)
  await failed
})
