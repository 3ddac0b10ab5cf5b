import { setToken } from '@shared/kit/session'
import { inScope } from '@shared/testing/scope'
import { wire } from '@shared/testing/wire'
import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { useReplayMany } from './useRepair'

const bodies = (): Record<string, unknown>[] => vi.mocked(fetch).mock.calls.map(([, init]) => JSON.parse(init?.body as string) as Record<string, unknown>)

beforeEach(() => {
  setToken('person-1')
  vi.stubGlobal('fetch', vi.fn<typeof fetch>(() => Promise.resolve(new Response('{"count":12,"replayed":12,"first":[]}'))))
})

it('counts first and then replays exactly what was counted', async () => {
  const repaired = vi.fn<() => void>()
  const { value: many } = inScope(() => useReplayMany(() => ({ destination: 'site:1', order_number: '7' }), repaired))
  many.code.value = 'http_404'
  await nextTick()
  many.count()
  await vi.waitFor(() => expect(many.trial.result.value?.count).toBe(12))
  await many.go()
  const [trial, deed] = bodies()
  expect(trial).toEqual({ dry_run: true, destination: 'site:1', order_number: '7', code: 'http_404', since: null, lane_id: null, seq: null })
  expect(deed).toEqual({ ...trial, dry_run: false })
  expect(repaired).toHaveBeenCalledTimes(1)
})

it('forgets a count when its filter changes', async () => {
  const { value: many } = inScope(() => useReplayMany(() => ({}), () => {}))
  many.count()
  await vi.waitFor(() => expect(many.trial.result.value).not.toBeNull())
  many.code.value = 'http_422'
  await nextTick()
  expect(many.trial.result.value).toBeNull()
})

it('shows no count that comes after its filter was changed', async () => {
  const calls = wire()
  const { value: many } = inScope(() => useReplayMany(() => ({}), () => {}))
  const pressed = vi.spyOn(many.trial, 'press')
  many.count()
  many.code.value = 'http_422'
  await nextTick()
  calls[0]!.answer({ count: 12, replayed: 12, first: [] })
  expect((await pressed.mock.results[0]!.value as { count: number }).count).toBe(12)
  expect([many.trial.state.value, many.trial.result.value]).toEqual(['idle', null])
  many.count()
  expect(calls).toHaveLength(2)
  calls[1]!.answer({ count: 3, replayed: 3, first: [] })
  await vi.waitFor(() => expect(many.trial.state.value).toBe('done'))
  expect(many.trial.result.value?.count).toBe(3)
})
