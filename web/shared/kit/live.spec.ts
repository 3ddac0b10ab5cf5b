import { inScope } from '@shared/testing/scope'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'

import { useLive } from './live'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('renews itself and keeps old data on the screen through a fault', async () => {
  const read = vi.fn<() => Promise<number>>().mockResolvedValueOnce(1).mockRejectedValueOnce(new Error('down')).mockResolvedValue(3)
  const { value: live, stop } = inScope(() => useLive(read))
  expect(live.loading.value).toBe(true)
  await vi.advanceTimersByTimeAsync(0)
  expect([live.data.value, live.error.value]).toEqual([1, null])
  await vi.advanceTimersByTimeAsync(2000)
  expect(live.data.value).toBe(1)
  expect(live.error.value).toBeInstanceOf(Error)
  await vi.advanceTimersByTimeAsync(4000)
  expect([live.data.value, live.error.value]).toEqual([3, null])
  stop()
})

it('asks less often while faults go on', async () => {
  const read = vi.fn<() => Promise<number>>().mockRejectedValue(new Error('down'))
  const { stop } = inScope(() => useLive(read))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(read.mock.calls.length).toBeLessThan(9)
  stop()
})

it('drops the data of another key, and an answer that comes too late', async () => {
  const key = ref('a')
  const waiting: ((text: string) => void)[] = []
  const { value: live, stop } = inScope(() => useLive(() => new Promise<string>((done) => waiting.push(done)), { key: () => key.value }))
  key.value = 'b'
  await nextTick()
  waiting[1]?.('of b')
  waiting[0]?.('of a')
  await vi.advanceTimersByTimeAsync(0)
  expect(live.data.value).toBe('of b')
  stop()
})

it('is silent after the page is left', async () => {
  const read = vi.fn<() => Promise<number>>().mockResolvedValue(1)
  const { stop } = inScope(() => useLive(read))
  await vi.advanceTimersByTimeAsync(0)
  stop()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(read).toHaveBeenCalledTimes(1)
})

it('does not begin anew when a late press asks for it after the page is left', async () => {
  const read = vi.fn<() => Promise<number>>().mockResolvedValue(1)
  const { value: live, stop } = inScope(() => useLive(read))
  await vi.advanceTimersByTimeAsync(0)
  stop()
  await live.refresh()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(read).toHaveBeenCalledTimes(1)
})

it.each([[true, 'of a'], ['meanwhile', null]] as const)('with keep = %s shows %s when another key cannot be read', async (keep, shown) => {
  const key = ref('a')
  let fail: (fault: Error) => void = () => {}
  const read = vi.fn<() => Promise<string>>().mockResolvedValueOnce('of a').mockReturnValue(new Promise((_, no) => (fail = no)))
  const { value: live, stop } = inScope(() => useLive(read, { key: () => key.value, keep }))
  await vi.advanceTimersByTimeAsync(0)
  key.value = 'b'
  await vi.advanceTimersByTimeAsync(0)
  expect(live.data.value).toBe('of a')
  fail(new Error('down'))
  await vi.advanceTimersByTimeAsync(0)
  expect([live.data.value, live.error.value]).toEqual([shown, expect.any(Error)])
  stop()
})
