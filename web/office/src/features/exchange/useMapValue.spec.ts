import type { Mapped, WantedMap } from '@shared/api/quarantine'
import { setToken } from '@shared/kit/session'
import { inScope } from '@shared/testing/scope'
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
