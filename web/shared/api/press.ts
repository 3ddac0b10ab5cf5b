/**
 * One press of a button: sent until there is an answer, always under the key it was born with.
 *
 * The key is kept while it is not known whether the call took effect (no answer, 409 still running, 429, 503);
 * a definite no ends it, and the next press has a new one.
 */

import { token } from '@shared/kit/session'
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
  /** Forgets the press. A call that is on its way goes on under its key and answers who pressed, but is shown no more. */
  clear: () => void
}

interface Call<T> { send: (key: string) => Promise<T>; key: string; by: string | null }

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
  let last: Call<T> | null = null
  /** Whose outcome is shown: a later press, or `clear`, has taken the place of an earlier one. */
  let shown: symbol | null = null

  const busy = (): boolean => state.value === 'sending' || state.value === 'retrying'

  async function run(): Promise<T | null> {
    if (!last || busy()) return null
    const call = last
    const mine = (shown = Symbol('press'))
    const show = (now: PressState, found: T | null, fault: ApiError | NoAnswer | null): void => {
      if (shown === mine) [state.value, result.value, error.value] = [now, found, fault]
    }
    show('sending', null, null)
    for (let attempt = 0; ; attempt++) {
      try {
        const found = await call.send(call.key)
        show('done', found, null)
        return found
      } catch (fault) {
        if (!(fault instanceof ApiError) && !(fault instanceof NoAnswer)) throw fault
        const wait = pauses[attempt]
        if (!mayRepeat(fault)) return show('refused', null, fault), null
        if (wait === undefined) return show('unknown', null, fault), null
        show('retrying', null, fault)
        const asked = fault instanceof ApiError ? (fault.retryAfterS ?? 0) * 1000 : 0
        await pause(Math.min(Math.max(wait, asked), 10_000))
        // Another person has come in at this desk: it must not be done in his name.
        if (token.value !== call.by) return show('unknown', null, fault), null
      }
    }
  }

  return {
    state,
    result,
    error,
    press: (send) => {
      if (busy()) return Promise.resolve(null)
      last = { send, key: newKey(), by: token.value }
      return run()
    },
    again: run,
    clear: () => {
      last = shown = null
      ;[state.value, result.value, error.value] = ['idle', null, null]
    },
  }
}
