import { setToken } from '@shared/kit/session'
import { aCard, aDelivery, aWhole } from '@shared/testing/deliveries'
import type { WholeDelivery } from '@shared/api/types'
import { inScope } from '@shared/testing/scope'
import { wire } from '@shared/testing/wire'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { useDelivery } from './useDelivery'

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status })
const posts = (): RequestInit[] => vi.mocked(fetch).mock.calls.filter(([, init]) => init?.method === 'POST').map(([, init]) => init!)

function answering(post: () => Response, whole: Partial<WholeDelivery> = {}): void {
  vi.stubGlobal('fetch', vi.fn<typeof fetch>((_, init) => Promise.resolve(init?.method === 'POST' ? post() : json(aWhole(whole)))))
}

beforeEach(() => setToken('person-1'))
afterEach(() => void vi.unstubAllGlobals())

it('does a plain step by the press itself, with the version on the screen', async () => {
  answering(() => json({ delivery: aDelivery({ stage: 'en_route', version: 4 }), already: false, contradictions: [] }))
  const { value: one, stop } = inScope(() => useDelivery('0199-1', () => aCard({ stage: 'picked_up', version: 3 })))
  await vi.waitFor(() => expect(one.delivery.value).not.toBeNull())
  one.choose('depart')
  await vi.waitFor(() => expect(posts()).toHaveLength(1))
  await vi.waitFor(() => expect(one.delivery.value?.version).toBe(4))
  expect(JSON.parse(posts()[0]?.body as string)).toEqual({ action: 'depart', version: 3 })
  stop()
})

it('asks before it does what needs facts, and stays open when refused', async () => {
  answering(() => json({ status: 422, code: 'stage_jump', title: '', detail: 'Уже вручён.' }, 422))
  const { value: one, stop } = inScope(() => useDelivery('0199-1', () => aCard()))
  one.choose('hand_over')
  expect(posts()).toHaveLength(0)
  await one.send('hand_over', { amount_taken: '1.00' }, 3)
  expect(one.press.state.value).toBe('refused')
  expect(one.asking.value).toBe('hand_over')
  stop()
})

it('does the step of a drop only while the rules allow it', async () => {
  answering(() => json({}), { stage: 'ready', allowed: ['assign'] })
  const { value: one, stop } = inScope(() => useDelivery('0199-1', () => aCard()))
  await vi.waitFor(() => expect(one.delivery.value).not.toBeNull())
  one.want('hand_over')
  expect(one.asking.value).toBeNull()
  one.want('assign')
  expect(one.asking.value).toBe('assign')
  stop()
})

it('opens the form of a plain step when the division asks for a photo, and at once the next time', async () => {
  answering(() => json({ status: 422, code: 'proof_missing', title: '', detail: 'Не хватает обязательного (фото).', proofs: ['photo'] }, 422))
  const open = () => inScope(() => useDelivery('0199-1', () => aCard({ stage: 'ready' })))
  const { value: one, stop } = open()
  await vi.waitFor(() => expect(one.delivery.value).not.toBeNull())
  one.choose('pick_up')
  await vi.waitFor(() => expect(one.asking.value).toBe('pick_up'))
  expect(one.proofs.wanted.value.photo).toBe(true)
  expect(posts()).toHaveLength(1)
  stop()
  const { value: next, stop: leave } = open()
  await vi.waitFor(() => expect(next.delivery.value).not.toBeNull())
  next.choose('pick_up')
  expect(next.asking.value).toBe('pick_up')
  await Promise.resolve()
  expect(posts()).toHaveLength(1)
  leave()
})

/** Open on version 3; what is asked after the first reading is held. */
async function opened(stage: 'ready' | 'en_route' = 'ready') {
  let first = true
  const calls = wire(() => (first ? ((first = false), aWhole({ stage, version: 3, division: { ref: 'd-asks-nothing', name: 'Тверь' } })) : undefined))
  const { value: one, stop } = inScope(() => useDelivery('0199-1', () => aCard({ stage, version: 3 })))
  await vi.waitFor(() => expect(one.delivery.value?.version).toBe(3))
  return { one, stop, posts: () => calls.filter((call) => call.method === 'POST') }
}

it('takes the next step from where the last one led, while no newer reading has come', async () => {
  const { one, stop, posts } = await opened()
  one.choose('pick_up')
  await vi.waitFor(() => expect(posts()).toHaveLength(1))
  posts()[0]!.answer({ delivery: aDelivery({ stage: 'picked_up', version: 4, division: { ref: 'd-asks-nothing', name: 'Тверь' } }), already: false, contradictions: [] })
  await vi.waitFor(() => expect(one.delivery.value?.version).toBe(4))
  one.choose('depart')
  await vi.waitFor(() => expect(posts()).toHaveLength(2))
  expect(posts()[1]!.body).toEqual({ action: 'depart', version: 4 })
  stop()
})

it('begins no other step while one is on its way', async () => {
  const { one, stop, posts } = await opened()
  one.choose('pick_up')
  await vi.waitFor(() => expect(posts()).toHaveLength(1))
  one.want('cancel')
  one.choose('depart')
  expect([one.asking.value, one.pressed.value, one.busy.value]).toEqual([null, 'pick_up', true])
  stop()
})

it('is on its way as soon as it is pressed, while photos are still made small', async () => {
  const { one, stop } = await opened('en_route')
  one.choose('hand_over')
  void one.send('hand_over', { amount_taken: '1.00' }, 3)
  expect(one.busy.value).toBe(true)
  stop()
})
