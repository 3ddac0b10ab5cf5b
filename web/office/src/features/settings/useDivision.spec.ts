import type { DivisionSettings, Key, Setting } from '@shared/api/settings'
import { setToken } from '@shared/kit/session'
import { inScope } from '@shared/testing/scope'
import { wire } from '@shared/testing/wire'
import { beforeEach, expect, it, vi } from 'vitest'

import { leftOf } from './draft'
import { useDivision } from './useDivision'

const setting = (value: unknown, source: 'file' | 'page' = 'file'): Setting => ({ value, file: 300, source, who: null, at: null })
const division = (version: number, radius: number, phone = ''): DivisionSettings => ({
  ref: 'd', name: 'Центр', version, mode: 'live', changed: [], history: [],
  settings: { radius_m: setting(radius, 'page'), phone: setting(phone, 'page') } as Record<Key, Setting>,
})

/** Open on version 3; readings and saves after the first reading are held, what a phone would be told is not. */
async function opened() {
  let first = true
  const calls = wire((call) => {
    if (call.path.includes('look')) return { wrong: {}, then: null, proofs: {}, reasons: [] }
    if (!first || call.method !== 'GET') return undefined
    first = false
    return division(3, 500)
  })
  const { value: one, stop } = inScope(() => useDivision('d', () => {}))
  await vi.waitFor(() => expect(one.known.value?.version).toBe(3))
  const held = () => calls.filter((call) => !call.path.includes('look')).slice(1)
  return { one, stop, held }
}

beforeEach(() => setToken('person-1'))

it('never goes back to a reading that is older than what was saved', async () => {
  const { one, stop, held } = await opened()
  one.set('radius_m', 700)
  one.reason.value = 'Далеко'
  void one.save()
  await vi.waitFor(() => expect(held()).toHaveLength(1))
  held()[0]!.answer(division(4, 700))
  await vi.waitFor(() => expect(one.done.value).toBe(true))
  expect([one.known.value?.version, one.value('radius_m')]).toEqual([4, 700])
  held()[1]!.answer(division(3, 500)) // of a copy that lags behind
  await vi.waitFor(() => expect(one.read.data.value?.version).toBe(3))
  expect([one.known.value?.version, one.value('radius_m')]).toEqual([4, 700])
  stop()
})

it('keeps what is typed while the save is on its way', async () => {
  const { one, stop, held } = await opened()
  one.set('radius_m', 700)
  one.reason.value = 'Далеко'
  void one.save()
  await vi.waitFor(() => expect(held()).toHaveLength(1))
  one.set('phone', '112')
  one.set('radius_m', 800)
  one.reason.value = 'Ещё дальше'
  held()[0]!.answer(division(4, 700))
  await vi.waitFor(() => expect(one.known.value?.version).toBe(4))
  expect([one.draft.value, one.reason.value]).toEqual([{ phone: '112', radius_m: 800 }, 'Ещё дальше'])
  stop()
})

it('leaves nothing to be saved of what was saved, or holds already', () => {
  expect(leftOf(division(4, 700), { radius_m: 700 }, { radius_m: 700 })).toEqual({})
  expect(leftOf(division(4, 700, '112'), { radius_m: 700 }, { radius_m: 700, phone: '112' })).toEqual({})
  expect(leftOf(division(4, 700), { radius_m: 700 }, { radius_m: null })).toEqual({ radius_m: null })
})
