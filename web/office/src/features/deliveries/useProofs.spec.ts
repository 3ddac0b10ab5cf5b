import { ApiError, NoAnswer } from '@shared/api/errors'
import { inScope } from '@shared/testing/scope'
import { setToken } from '@shared/kit/session'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { MOST_PHOTOS, useProofs, wantedBy } from './useProofs'

const refusal = (proofs: string[], code = 'proof_missing'): ApiError => new ApiError({ status: 422, code, title: '', detail: '', proofs })
const shrink = async (file: Blob) => ({ jpeg: new Blob([await file.arrayBuffer()], { type: 'image/jpeg' }), width: 1, height: 1 })
const picture = (text: string): Blob => new Blob([text])
const open = () => inScope(() => useProofs(shrink)).value
const urls = (): [string, RequestInit][] => vi.mocked(fetch).mock.calls as [string, RequestInit][]

beforeEach(() => {
  setToken('person-1')
  vi.stubGlobal('fetch', vi.fn<typeof fetch>(() => Promise.resolve(new Response('{}'))))
})
afterEach(() => void vi.unstubAllGlobals())

it('asks for what the refusal names', () => {
  expect(wantedBy(refusal(['photo', 'amount']))).toEqual({ photo: true, code: false })
  expect(wantedBy(refusal(['code']))).toEqual({ photo: false, code: true })
  expect(wantedBy(refusal(['photo', 'code']))).toEqual({ photo: true, code: true })
  expect(wantedBy(refusal(['amount']))).toBeNull()
  expect(wantedBy(refusal(['photo'], 'stage_jump'))).toBeNull()
  expect(wantedBy(new NoAnswer(true))).toBeNull()
})

it('sends each photo once, before the step, under the hash of its bytes', async () => {
  const proofs = open()
  proofs.add([picture('дверь'), picture('товар'), picture('дверь')])
  const taken = await proofs.taken()
  expect(taken.facts.photos).toHaveLength(2)
  expect(urls()).toHaveLength(0)
  await taken.send()
  await taken.send()
  expect(urls().map(([url]) => url)).toEqual(taken.facts.photos?.map((name) => `/api/v1/photos/${name}`))
  expect(urls()[0]?.[1]).toMatchObject({ method: 'PUT', headers: { 'content-type': 'image/jpeg' } })
})

it('goes on with the photo that failed, not with those that are there', async () => {
  const proofs = open()
  proofs.add([picture('1'), picture('2')])
  const taken = await proofs.taken()
  vi.mocked(fetch).mockResolvedValueOnce(new Response('{}')).mockRejectedValueOnce(new TypeError('down'))
  await expect(taken.send()).rejects.toBeInstanceOf(NoAnswer)
  await taken.send()
  expect(urls().map(([url]) => url.slice(-64))).toEqual([0, 1, 1].map((i) => taken.facts.photos?.[i]))
})

it('says so when a file is no picture, and when there are too many', async () => {
  const { value: broken } = inScope(() => useProofs(() => Promise.reject(new Error('no picture'))))
  broken.add([picture('текст')])
  expect((await broken.taken()).facts).toEqual({})
  expect(broken.fault.value).toContain('не открылся как фото')

  const proofs = open()
  proofs.add(Array.from({ length: MOST_PHOTOS + 1 }, (_, i) => picture(String(i))))
  expect((await proofs.taken()).facts.photos).toHaveLength(MOST_PHOTOS)
  expect(proofs.fault.value).toContain('остальные не взяты')
})

it('asks at once where the division has asked before, and nowhere else', () => {
  const proofs = open()
  expect(proofs.learn(refusal(['photo']), 'hand_over', 'd1')).toBe(true)
  expect(proofs.learn(refusal([], 'stage_jump'), 'hand_over', 'd2')).toBe(false)
  const next = open()
  next.start('hand_over', 'd1')
  expect(next.wanted.value.photo).toBe(true)
  next.start('hand_over', 'd2')
  expect(next.wanted.value.photo).toBe(false)
})

it('takes no photo of one step into another', async () => {
  const proofs = open()
  proofs.add([picture('дверь')])
  await proofs.taken()
  proofs.code.value = '4711'
  proofs.start('not_deliver', 'd1')
  expect((await proofs.taken()).facts).toEqual({})
})

it('drops a photo that is still made small when another step begins', async () => {
  let done: () => void = () => {}
  const { value: proofs, stop } = inScope(() => useProofs(async (file) => {
    await new Promise<void>((go) => (done = go))
    return shrink(file)
  }))
  proofs.add([picture('дверь'), picture('товар')])
  await vi.waitFor(() => expect(proofs.preparing.value).toBe(1))
  proofs.start('not_deliver', 'd1')
  done()
  expect((await proofs.taken()).facts).toEqual({})
  expect(proofs.preparing.value).toBe(0)
  stop()
})
