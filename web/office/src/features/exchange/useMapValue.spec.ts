import type { Mapped, WantedMap } from '@shared/api/quarantine'
import { setToken } from '@shared/kit/session'
import { inScope } from '@shared/testing/scope'
import { wire } from '@shared/testing/wire'
import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'

import { useMapValue } from './useMapValue'

const WANTED: WantedMap = { base: 'b1', kind: 'order', field: 'division', theirs: 'Отдел', ours: 'd1' }
const told = (more: Partial<Mapped> = {}): string => JSON.stringify({ id: null, count: 3, replayed: 3, waited: 1, more: false, objects: [], ...more })
const asked = (): [string, Record<string, unknown>][] =>
  vi.mocked(fetch).mock.calls.map(([to, init]) => [String(to as string), JSON.parse(init?.body as string) as Record<string, unknown>])
const answers = (...bodies: string[]): void => void vi.stubGlobal('fetch', vi.fn<typeof fetch>(() => Promise.resolve(new Response(bodies.shift()))))

beforeEach(() => setToken('person-1'))

it('tries a map first and then saves that very map', async () => {
  answers(told(), told())
  const { value: map } = inScope(() => useMapValue(() => WANTED))
  map.check()
  await vi.waitFor(() => expect(map.trial.result.value?.count).toBe(3))
  expect(await map.save()).toBe(true)
  expect(asked().map(([, body]) => body)).toEqual([{ ...WANTED, dry_run: true }, { ...WANTED, dry_run: false }])
  expect(map.applied.value).toBe(4)
})

it('applies all that is left, and stops when a turn applies nothing', async () => {
  answers(told({ more: true }), told({ more: true, replayed: 5000 }), told({ more: true, replayed: 0 }))
  const { value: map } = inScope(() => useMapValue(() => WANTED))
  expect(await map.save()).toBe(true)
  const { ours: _, theirs: value, ...rest } = WANTED
  expect(asked().slice(1)).toEqual([1, 2].map(() => [expect.stringContaining('/quarantine/replay'), { ...rest, value, dry_run: false }]))
  expect(map.applied.value).toBe(5004)
})

it('forgets what it tried when the map changes, and saves nothing that is not whole', async () => {
  answers(told())
  const wanted = ref<WantedMap | null>(WANTED)
  const { value: map } = inScope(() => useMapValue(() => wanted.value))
  map.check()
  await vi.waitFor(() => expect(map.trial.result.value).not.toBeNull())
  wanted.value = null
  await nextTick()
  expect(map.trial.result.value).toBeNull()
  expect(await map.save()).toBe(false)
  expect(asked()).toHaveLength(1)
})

it('applies all that is left also when the first answer was lost and it was repeated by hand', async () => {
  vi.useFakeTimers()
  const calls = wire()
  const { value: map } = inScope(() => useMapValue(() => WANTED))
  const saving = map.save()
  for (let n = 0; n < 4; n++) {
    calls[n]!.lose()
    await vi.advanceTimersByTimeAsync(4000)
  }
  expect(await saving).toBe(false)
  vi.useRealTimers()
  const again = map.again()
  calls[4]!.answer(JSON.parse(told({ more: true })))
  await vi.waitFor(() => expect(calls).toHaveLength(6))
  expect(map.busy.value).toBe(true) // the other turns are part of it
  calls[5]!.answer({ replayed: 7, more: false })
  expect(await again).toBe(true)
  expect([map.applied.value, map.busy.value]).toEqual([11, false])
  expect(new Set(calls.slice(0, 5).map((call) => call.key)).size).toBe(1)
})
