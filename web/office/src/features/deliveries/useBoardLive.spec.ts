import { setToken } from '@shared/kit/session'
import { aCard } from '@shared/testing/deliveries'
import { inScope } from '@shared/testing/scope'
import type { BoardCard } from '@shared/api/types'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'

import { openIncidents } from '../incidents/openCount'
import { columnsOf } from './columns'
import { useBoardLive } from './useBoardLive'

const page = (cards: BoardCard[], next: string | null = null): Response =>
  new Response(JSON.stringify({ cards, cursor: '5:5:', next, couriers: [], divisions: [], reasons: [] }))

/** A stream that says this and stays open until it is left. */
function stream(text: string, signal?: AbortSignal | null): Response {
  return new Response(new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text))
      signal?.addEventListener('abort', () => controller.error(new Error('left')))
    },
  }))
}

const frame = (event: string, data: unknown, id = ''): string => `${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
const told = (card: BoardCard): string => frame('card', { id: card.id, version: card.version, changed_at: card.changed_at, card })
const asked: [string, string | null][] = []

function serving(pages: (() => Response)[], streams: (() => string | null)[]): void {
  asked.length = 0
  vi.stubGlobal('fetch', vi.fn<typeof fetch>((url, init) => {
    const isStream = String(url).includes('/stream')
    asked.push([isStream ? 'stream' : 'board', new Headers(init?.headers).get('last-event-id')])
    const said = isStream ? streams.shift()?.() : undefined
    if (isStream) return said == null ? Promise.reject(new TypeError('no network')) : Promise.resolve(stream(said, init?.signal))
    const made = pages.shift()
    return made ? Promise.resolve(made()) : Promise.reject(new TypeError('no network'))
  }))
}

beforeEach(() => setToken('person-1'))
afterEach(() => void vi.unstubAllGlobals())

it('reads all pages, then follows what is told, the greater version first', async () => {
  const [one, two] = [aCard({ id: '1', version: 2 }), aCard({ id: '2' })]
  serving([() => page([one], 'more'), () => page([two])], [() => frame('hello', {}, '5:5:') + told({ ...one, version: 1 }) + told({ ...one, version: 3, stage: 'settled' }) + frame('gone', { id: '2' }) + 'id: 6:6:\n\n'])
  const { value: live, stop } = inScope(() => useBoardLive(() => ({})))
  await vi.waitFor(() => expect(live.cards.value.get('1')?.version).toBe(3))
  await vi.waitFor(() => expect([...live.cards.value.keys()]).toEqual(['1']))
  expect(live.state.value).toBe('live')
  expect(asked).toEqual([['board', null], ['board', null], ['stream', '5:5:']])
  stop()
})

it('tells the header how many incidents are open as soon as that changes, and what is on hand by the card', async () => {
  const one = aCard({ id: '1', stage: 'handed_over', on_hand: '0.00' })
  serving([() => page([one])], [() => frame('incident', { open: 7 }) + frame('cash', { courier: 'c', on_hand: '9.00' }) + told({ ...one, version: one.version + 1, on_hand: '2450.00' })])
  const { value: live, stop } = inScope(() => useBoardLive(() => ({})))
  await vi.waitFor(() => expect(openIncidents.value).toBe(7))
  await vi.waitFor(() => expect(columnsOf(live.cards.value.values()).find((column) => column.key === 'handed_over')?.onHandKop).toBe(245_000))
  stop()
})

it('says that the connection is lost, keeps what it shows, and goes on from where it was', async () => {
  serving([() => page([aCard({ id: '1' })])], [() => null, () => told(aCard({ id: '2' }))])
  const { value: live, stop } = inScope(() => useBoardLive(() => ({})))
  await vi.waitFor(() => expect(live.state.value).toBe('lost'))
  expect([...live.cards.value.keys()]).toEqual(['1'])
  await vi.waitFor(() => expect([...live.cards.value.keys()]).toEqual(['1', '2']), 3000)
  expect(live.state.value).toBe('live')
  expect(asked.map(([what]) => what)).toEqual(['board', 'stream', 'stream'])
  stop()
})

it('reads the board anew when the service says so', async () => {
  let first = true
  serving([() => page([aCard({ id: '1' })]), () => page([aCard({ id: '3' })])], [() => frame('reset', {}), () => frame('hello', {})])
  vi.mocked(fetch).mockImplementation(((plain) => (url: RequestInfo | URL, init?: RequestInit) => {
    if (String(url).includes('/stream') && first) {
      first = false
      return Promise.resolve(new Response(frame('reset', {})))
    }
    return plain(url, init)
  })(vi.mocked(fetch).getMockImplementation()!))
  const { value: live, stop } = inScope(() => useBoardLive(() => ({})))
  await vi.waitFor(() => expect([...live.cards.value.keys()]).toEqual(['3']), 3000)
  stop()
})

it('shows no cards of one day under another that cannot be read, and those of that day once it can', async () => {
  serving([() => page([aCard({ id: '1' })])], [() => frame('hello', {})])
  const day = ref('2026-11-22')
  const { value: live, stop } = inScope(() => useBoardLive(() => ({ day: day.value })))
  await vi.waitFor(() => expect([...live.cards.value.keys()]).toEqual(['1']))
  expect(live.other.value).toBe(false)
  day.value = '2026-11-21'
  await nextTick()
  expect([[...live.cards.value.keys()], live.other.value]).toEqual([['1'], true])
  await vi.waitFor(() => expect(live.state.value).toBe('lost'))
  expect([[...live.cards.value.keys()], live.other.value]).toEqual([[], true])
  serving([() => page([aCard({ id: '2' })])], [() => frame('hello', {})])
  live.start()
  await vi.waitFor(() => expect([[...live.cards.value.keys()], live.other.value]).toEqual([['2'], false]))
  stop()
})
