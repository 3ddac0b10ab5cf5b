/**
 * One press of a button: sent until there is an answer, always under the key it was born with.
 *
 * The key is kept while it is not known whether the call took effect (no answer, 409 still running, 429, 503);
 * a definite no ends it, and the next press has a new one.
 */

import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'

import { ApiError, NoAnswer } from './errors'

export type PressState = 'idle' | 'sending' | 'retrying' | 'done' | 'refused' | 'unknown'

export interface Press<T> {
  state: Ref<PressState>
  result: ShallowRef<T | null>
  error: ShallowRef<ApiError | NoAnswer | null>
  press: (send: (key: string) => Promise<T>) => Promise<T | null>
  /** After `unknown`: the same call under the same key. */
  again: () => Promise<T | null>
  clear: () => void
}

const PAUSES_MS = [500, 1500, 4000]
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** A random UUID. crypto.randomUUID is absent on pages that come over plain http from another machine. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function mayRepeat(fault: unknown): boolean {
  if (fault instanceof NoAnswer) return true
  if (!(fault instanceof ApiError)) return false
  if (fault.status === 409) return /running|in_progress/.test(fault.code)
  return fault.status === 429 || fault.status >= 500
}

export function usePress<T>(pauses: readonly number[] = PAUSES_MS): Press<T> {
  const state = ref<PressState>('idle')
  const result = shallowRef<T | null>(null)
  const error = shallowRef<ApiError | NoAnswer | null>(null)
  let last: { send: (key: string) => Promise<T>; key: string } | null = null

  async function run(): Promise<T | null> {
    if (!last || state.value === 'sending' || state.value === 'retrying') return null
    const { send, key } = last
    ;[state.value, error.value, result.value] = ['sending', null, null]
    for (let attempt = 0; ; attempt++) {
      try {
        result.value = await send(key)
        state.value = 'done'
        return result.value
      } catch (fault) {
        if (!(fault instanceof ApiError) && !(fault instanceof NoAnswer)) throw fault
        error.value = fault
        const wait = pauses[attempt]
        if (!mayRepeat(fault) || wait === undefined) {
          state.value = mayRepeat(fault) ? 'unknown' : 'refused'
          return null
        }
        state.value = 'retrying'
        const asked = fault instanceof ApiError ? (fault.retryAfterS ?? 0) * 1000 : 0
        await pause(Math.min(Math.max(wait, asked), 10_000))
      }
    }
  }

  return {
    state,
    result,
    error,
    press: (send) => {
      if (state.value === 'sending' || state.value === 'retrying') return Promise.resolve(null)
      last = { send, key: newKey() }
      return run()
    },
    again: run,
    clear: () => void ([state.value, result.value, error.value] = ['idle', null, null]),
  }
}
