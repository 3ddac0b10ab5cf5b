/** One division's settings while they are looked at and changed: what was read, what is being changed, what became of it. */

import { useAction } from '@shared/api/action'
import { changeDivision, division, look, type Change, type DivisionSettings, type Draft, type Key } from '@shared/api/settings'
import { useLive } from '@shared/kit/live'
import { computed, ref, shallowRef, watch } from 'vue'

import { changed, changedKeys, leftOf, since, undone, valueOf } from './draft'

const EVERY_MS = 10_000
const LOOK_MS = 60_000

export function useDivision(refOf: string, saved: () => void) {
  const read = useLive((signal) => division(refOf, signal), { everyMs: EVERY_MS })
  /** What the page began with: it follows the service until something is being changed, and never back: a reading may be
   *  older than what was saved here. */
  const known = shallowRef<DivisionSettings | null>(null)
  const draft = ref<Draft>({})
  const reason = ref('')
  const done = ref(false)
  const { state, error, busy, send, again } = useAction()

  const dirty = computed(() => changedKeys(draft.value).length > 0)
  watch([read.data, dirty], ([fresh]) => {
    if (fresh && (!known.value || (!dirty.value && fresh.version >= known.value.version))) known.value = fresh
  })
  const conflict = computed<readonly Change[]>(() => {
    const [begun, fresh] = [known.value, read.data.value]
    return begun && fresh && dirty.value ? since(fresh, begun.version) : []
  })

  const seen = useLive((signal) => look(refOf, draft.value, signal), { everyMs: LOOK_MS, keep: true, key: () => JSON.stringify([draft.value, known.value?.version]) })
  const wrong = computed(() => seen.data.value?.wrong ?? {})

  function set(key: Key, value: unknown): void {
    done.value = false
    if (known.value) draft.value = changed(known.value, draft.value, key, value)
  }
  const undo = (key: Key): void => void (known.value && (draft.value = undone(known.value, draft.value, key)))
  const reset = (): void => void ([draft.value, reason.value] = [{}, ''])
  /** The new values under what is being changed here. */
  const takeOver = (): void => void (known.value = read.data.value)

  async function save(): Promise<void> {
    const begun = known.value
    if (!begun) return
    const body = { changes: draft.value, reason: reason.value.trim(), version: begun.version }
    await send((key) => changeDivision(refOf, body, key).then((after) => () => {
      known.value = after
      draft.value = leftOf(after, body.changes, draft.value)
      if (reason.value.trim() === body.reason) reason.value = ''
      done.value = true
      saved()
    }))
    void read.refresh()
  }

  const value = (key: Key): unknown => (known.value ? valueOf(known.value, draft.value, key) : undefined)
  const ready = computed(() => dirty.value && reason.value.trim() !== '' && !busy.value && !Object.keys(wrong.value).length && !conflict.value.length)
  return { read, known, draft, dirty, reason, done, conflict, look: seen, wrong, set, undo, reset, takeOver, save, value, ready, state, error, busy, again }
}
