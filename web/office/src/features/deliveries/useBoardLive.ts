/** The board kept up to date: read once, then told of every change. Whatever breaks, it reads what it missed, or anew. */
import { boardPage, boardStream } from '@shared/api/board'
import { ApiError } from '@shared/api/errors'
import type { Board, BoardCard, BoardFilter } from '@shared/api/types'
import { serverNow } from '@shared/kit/clock'
import { onScopeDispose, ref, shallowRef, triggerRef, watch } from 'vue'

import { learnOpen } from '../incidents/openCount'

export type LiveState = 'reading' | 'live' | 'lost'

const MOST_PAGES = 5
/** Then it is read anew: a day that ends changes the board without any news. */
const RENEW_S = 900
const ENDED_MS = 500
const PAUSES_MS = [500, 1000, 2000, 5000, 15_000]

interface Told { id: string; version: number; changed_at: string; card: BoardCard }

export function useBoardLive(filter: () => BoardFilter) {
  const cards = shallowRef(new Map<string, BoardCard>())
  const about = shallowRef<Omit<Board, 'cards'> | null>(null)
  const error = shallowRef<unknown>(null)
  const state = ref<LiveState>('reading')
  const seenAt = ref(0)
  const cut = ref(false) // there are more than a board can show
  /** What is shown is still of another filter. */
  const other = ref(false)
  let running: AbortController | undefined
  let cursor = ''
  let failures = 0
  let drawn = 0

  /** Many changes at once are drawn once. */
  function draw(): void {
    if (!drawn) drawn = requestAnimationFrame(() => ((drawn = 0), triggerRef(cards)))
  }

  function alive(): void {
    seenAt.value = serverNow()
    ;[state.value, error.value, failures] = ['live', null, 0]
  }

  async function read(signal: AbortSignal): Promise<void> {
    const found = new Map<string, BoardCard>()
    let page = await boardPage(filter(), '', signal)
    const first = page
    for (let n = 1; ; n++) {
      for (const card of page.cards) if (!found.has(card.id)) found.set(card.id, card)
      cut.value = page.next !== null && n === MOST_PAGES
      if (page.next === null || n === MOST_PAGES) break
      page = await boardPage(filter(), page.next, signal)
    }
    signal.throwIfAborted()
    ;[cards.value, about.value, cursor, other.value] = [found, first, first.cursor, false]
    alive()
  }

  function hear(event: string, data: unknown, id: string): void {
    if (id) cursor = id
    if (event === 'reset') cursor = ''
    else if (event === 'gone') cards.value.delete((data as { id: string }).id)
    else if (event === 'card') take((data as Told).card)
    else if (event === 'incident') learnOpen((data as { open: number }).open) // `cash` is of the cash desk: no card shows it
    alive()
    draw()
  }

  function take(card: BoardCard): void {
    const known = cards.value.get(card.id)
    if (!known || known.version <= card.version) cards.value.set(card.id, card)
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (!cursor) await read(signal)
        const began = serverNow()
        await boardStream(filter(), cursor, RENEW_S, (...said) => signal.aborted || hear(...said), signal)
        if (serverNow() - began > RENEW_S * 900) cursor = ''
        await rested(ENDED_MS * (0.5 + Math.random()), signal) // the service was stopped, or wants the board read anew
      } catch (fault) {
        if (signal.aborted) return
        if (fault instanceof ApiError) cursor = ''
        ;[error.value, state.value] = [fault, 'lost']
        // Cards of one day must not stand under the name of another.
        if (other.value) cards.value = new Map()
        await rested(PAUSES_MS[Math.min(failures++, PAUSES_MS.length - 1)] ?? 0, signal)
      }
    }
  }

  function start(): void {
    cursor = ''
    again()
  }

  /** At once, when the network or the person is back. */
  const awake = (): void => void (state.value === 'lost' && document.visibilityState === 'visible' && again())
  function again(): void {
    running?.abort()
    const mine = (running = new AbortController())
    void run(mine.signal)
  }

  watch(() => JSON.stringify(filter()), () => {
    ;[other.value, error.value] = [true, null]
    start()
  }, { immediate: true })
  addEventListener('online', awake)
  document.addEventListener('visibilitychange', awake)
  onScopeDispose(() => {
    running?.abort()
    cancelAnimationFrame(drawn)
    removeEventListener('online', awake)
    document.removeEventListener('visibilitychange', awake)
  })
  return { cards, about, error, state, seenAt, cut, other, start }
}

function rested(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), done()), { once: true })
  })
}
