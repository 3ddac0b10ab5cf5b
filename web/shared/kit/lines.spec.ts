import { inScope } from '@shared/testing/scope'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'

import { useLines } from './lines'

interface Page { lines: { id: number }[]; next: number | null }
const EVERY_MS = 5000
const SIZE = 3

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** The lines 1…newest, three at a time; what is asked for can be held back. */
function listing(newest: number) {
  const there = { newest }
  const gates: (() => void)[] = []
  let hold = false
  const page = (before: number | null): Page => {
    const first = before === null ? there.newest : before - 1
    const lines = Array.from({ length: Math.min(SIZE, first) }, (_, n) => ({ id: first - n }))
    return { lines, next: lines.length === SIZE ? lines.at(-1)!.id : null }
  }
  const read = vi.fn<(before: number | null) => Promise<Page>>(async (before) => {
    const found = page(before)
    if (hold) await new Promise<void>((done) => gates.push(done))
    return found
  })
  return { there, read, gates, hold: (on: boolean) => void (hold = on) }
}

async function opened(newest: number, keep = false) {
  const list = listing(newest)
  const key = ref('a')
  const { value, stop } = inScope(() => useLines<number, Page, { id: number }>({ key: () => key.value, read: list.read, lines: (page) => page.lines, everyMs: EVERY_MS, keep }))
  await vi.advanceTimersByTimeAsync(0)
  const shown = (): number[] => value.lines.value.map((line) => line.id)
  const renew = async (to: number): Promise<void> => {
    list.there.newest = to
    await vi.advanceTimersByTimeAsync(EVERY_MS)
  }
  return { ...list, key, list: value, stop, shown, renew }
}

it('shows the newest only, until older ones are asked for', async () => {
  const { shown, renew, stop } = await opened(5)
  expect(shown()).toEqual([5, 4, 3])
  await renew(9)
  expect(shown()).toEqual([9, 8, 7])
  stop()
})

it('keeps all that came between when older lines were read', async () => {
  const { list, shown, renew, stop } = await opened(6)
  await list.more()
  for (const newest of [8, 10, 12]) await renew(newest)
  expect(shown()).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
  expect(list.behind.value).toBe(false)
  stop()
})

it('says that newer lines are missing when a reading does not reach what is kept, and shows the newest when asked', async () => {
  const { list, shown, renew, stop } = await opened(6)
  await list.more()
  await renew(20)
  expect(list.behind.value).toBe(true)
  expect(shown()).toEqual([6, 5, 4, 3, 2, 1])
  list.anew()
  expect(shown()).toEqual([20, 19, 18])
  expect(list.behind.value).toBe(false)
  stop()
})

it('loses nothing that comes while older lines are on their way', async () => {
  const { list, gates, hold, shown, renew, stop } = await opened(6)
  hold(true)
  const more = list.more()
  hold(false)
  await renew(8)
  gates[0]!()
  await more
  expect(shown()).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
  stop()
})

it('takes a page once, however often it is asked for', async () => {
  const { list, gates, hold, shown, stop } = await opened(9)
  hold(true)
  const both = [list.more(), list.more()]
  gates[0]!()
  await both[0]
  gates[1]!()
  await both[1]
  expect(shown()).toEqual([9, 8, 7, 6, 5, 4])
  expect(list.before.value).toBe(4)
  stop()
})

it('drops older lines that come after another filter was chosen', async () => {
  const { list, gates, hold, key, shown, stop } = await opened(9)
  hold(true)
  const more = list.more()
  hold(false)
  key.value = 'b'
  await vi.advanceTimersByTimeAsync(0)
  gates[0]!()
  await more
  expect(shown()).toEqual([9, 8, 7])
  stop()
})

it('asks nothing by the place of another filter while the old lines are still shown', async () => {
  const { list, hold, key, read, shown, stop } = await opened(9, true)
  hold(true)
  key.value = 'b'
  await nextTick()
  expect(shown()).toEqual([9, 8, 7])
  expect(list.before.value).toBeNull()
  await list.more()
  expect(read).toHaveBeenCalledTimes(2)
  stop()
})

it('keeps what is shown when older lines cannot be read, and reads them when asked again', async () => {
  const { list, read, shown, stop } = await opened(6)
  read.mockRejectedValueOnce(new Error('down'))
  await list.more()
  expect(list.failed.value).toBeInstanceOf(Error)
  expect(shown()).toEqual([6, 5, 4])
  await list.more()
  expect([shown(), list.failed.value]).toEqual([[6, 5, 4, 3, 2, 1], null])
  stop()
})
