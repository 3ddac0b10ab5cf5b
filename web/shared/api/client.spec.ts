import { refused, setToken, token } from '@shared/kit/session'
import { beforeEach, expect, it, vi } from 'vitest'

import { call } from './client'
import { ApiError, NoAnswer } from './errors'

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers })

function fetched(): [string, RequestInit] {
  return vi.mocked(fetch).mock.calls[0] as [string, RequestInit]
}

beforeEach(() => {
  setToken('person-1')
  vi.stubGlobal('fetch', vi.fn<typeof fetch>())
})

it('sends token, language, key and query', async () => {
  vi.mocked(fetch).mockResolvedValue(answer(200, { ok: true }))
  await call('POST', '/api/v1/x', { query: { q: 'а б', none: '', zero: 0 }, body: { a: 1 }, key: 'k1' })
  const [url, init] = fetched()
  expect(url).toBe('/api/v1/x?q=%D0%B0+%D0%B1&zero=0')
  expect(init.headers).toMatchObject({
    authorization: 'Bearer person-1', 'accept-language': 'ru', 'idempotency-key': 'k1', 'content-type': 'application/json',
  })
  expect(init.body).toBe('{"a":1}')
})

it('turns problem+json into an error with its code and detail', async () => {
  vi.mocked(fetch).mockResolvedValue(answer(422, { code: 'stage_jump', detail: 'Нельзя' }, { 'retry-after': '7' }))
  const fault = await call('GET', '/x').catch((error: unknown) => error)
  expect(fault).toBeInstanceOf(ApiError)
  expect(fault).toMatchObject({ status: 422, code: 'stage_jump', message: 'Нельзя', retryAfterS: 7 })
})

it('survives a page of a proxy instead of an answer', async () => {
  vi.mocked(fetch).mockResolvedValue(answer(502, '<html>Bad gateway</html>'))
  await expect(call('GET', '/x')).rejects.toMatchObject({ status: 502, code: 'http_502' })
})

it('forgets a token that the service refuses, but not the one that came meanwhile', async () => {
  vi.mocked(fetch).mockResolvedValueOnce(answer(401, {}))
  await expect(call('GET', '/x')).rejects.toBeInstanceOf(ApiError)
  expect([token.value, refused.value]).toEqual([null, true])

  setToken('old')
  vi.mocked(fetch).mockImplementationOnce(() => {
    setToken('new')
    return Promise.resolve(answer(401, {}))
  })
  await expect(call('GET', '/x')).rejects.toBeInstanceOf(ApiError)
  expect(token.value).toBe('new')
})

it('says that there was no answer when the line breaks, also in the middle of one', async () => {
  vi.mocked(fetch).mockRejectedValueOnce(new TypeError('failed'))
  await expect(call('GET', '/x')).rejects.toBeInstanceOf(NoAnswer)
  vi.mocked(fetch).mockResolvedValueOnce(answer(200, '{"half":'))
  await expect(call('GET', '/x')).rejects.toBeInstanceOf(NoAnswer)
})
