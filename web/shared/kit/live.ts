/** A reading that renews itself. Old data stay on the screen until newer ones are there, so nothing flickers. */

import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'

import { serverNow } from './clock'

export interface Live<T> {
  data: ShallowRef<T | null>
  /** The fault of the last reading; data of an earlier one may still be there. */
  error: ShallowRef<unknown>
  loading: ComputedRef<boolean>
  /** When the data were read, by the service's clock. */
  readAt: Ref<number>
  refresh: () => Promise<void>
}

export interface LiveOptions {
  everyMs?: number
  /** A change of this value drops the data and reads anew (other search, other filter). */
  key?: () => unknown
  /** With a key change, keep showing the old data: true while the new ones do not come (a newer version of the same thing),
   *  'meanwhile' also not after a fault (another filter: what does not belong to it must not stay under its name). */
  keep?: boolean | 'meanwhile'
  active?: () => boolean
}

const SLOWEST_MS = 15_000

export function useLive<T>(read: (signal: AbortSignal) => Promise<T>, options: LiveOptions = {}): Live<T> {
  const { everyMs = 2000, key = () => null, keep = false, active = () => true } = options
  const data = shallowRef<T | null>(null)
  const error = shallowRef<unknown>(null)
  const readAt = ref(0)
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: AbortController | undefined
  let faults = 0
  let left = false
  /** The key that the data were read for. */
  let readFor: unknown

  async function refresh(): Promise<void> {
    clearTimeout(timer)
    running?.abort()
    // A press that is answered after its page was left asks for a refresh: it must not begin to renew again.
    if (left || !active()) return
    const mine = (running = new AbortController())
    const asked = key()
    try {
      const fresh = await read(mine.signal)
      if (mine.signal.aborted) return
      readFor = asked
      ;[data.value, error.value, readAt.value, faults] = [fresh, null, serverNow(), 0]
    } catch (fault) {
      if (mine.signal.aborted) return
      if (keep === 'meanwhile' && asked !== readFor) data.value = null
      error.value = fault
      faults += 1
    }
    plan()
  }

  function plan(): void {
    clearTimeout(timer)
    if (document.visibilityState === 'hidden') return
    timer = setTimeout(() => void refresh(), Math.min(everyMs * 2 ** Math.min(faults, 4), Math.max(SLOWEST_MS, everyMs)))
  }

  function stop(): void {
    clearTimeout(timer)
    running?.abort()
  }

  const awake = (): void => void (document.visibilityState === 'hidden' ? stop() : refresh())
  document.addEventListener('visibilitychange', awake)
  addEventListener('online', awake)
  onScopeDispose(() => {
    left = true
    stop()
    document.removeEventListener('visibilitychange', awake)
    removeEventListener('online', awake)
  })
  watch(
    [key, active],
    ([now], [before]) => {
      if (now !== before && !keep) data.value = null
      if (now !== before) error.value = null
      void refresh()
    },
    { immediate: true },
  )
  return { data, error, loading: computed(() => data.value === null && error.value === null && active()), readAt, refresh }
}
