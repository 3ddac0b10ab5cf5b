import { replay, skip, type WantedReplay } from '@shared/api/admin'
import { usePress } from '@shared/api/press'
import type { DeadLetter, ReplayResult } from '@shared/api/types'
import { ref, watch } from 'vue'

export type Repaired = { kind: 'replayed'; count: number } | { kind: 'skipped' }

/** Replay or skip of one dead letter. */
export function useRepair(repaired: () => void) {
  const press = usePress<Repaired>()

  async function settle(result: Promise<Repaired | null>): Promise<void> {
    if (await result) repaired()
  }
  const again = (letter: DeadLetter): Promise<void> =>
    settle(press.press(async (key) => {
      const { replayed } = await replay({ lane_id: letter.lane_id, seq: letter.seq }, false, key)
      return { kind: 'replayed', count: replayed }
    }))
  const leaveOut = (letter: DeadLetter, reason: string): Promise<void> =>
    settle(press.press(async (key) => {
      await skip(letter.lane_id, letter.seq, reason, key)
      return { kind: 'skipped' }
    }))
  return { press, again, leaveOut, repeat: () => settle(press.again()) }
}

/** Replay of what is shown, narrowed further: first a dry run with its count, then, under the same filter, the deed. */
export function useReplayMany(shown: () => { destination?: string; order_number?: string; code?: string }, repaired: () => void) {
  const code = ref('')
  const since = ref('')
  const trial = usePress<ReplayResult>()
  const deed = usePress<ReplayResult>()

  // A count belongs to its filter; after a change it would promise something else than is done.
  watch([() => JSON.stringify(shown()), code, since], () => trial.clear())

  const filter = (): WantedReplay => ({
    destination: shown().destination || null,
    order_number: shown().order_number || null,
    code: shown().code || code.value || null,
    since: since.value ? new Date(since.value).toISOString() : null,
  })
  function count(): void {
    deed.clear()
    const wanted = filter()
    void trial.press((key) => replay(wanted, true, key))
  }
  async function go(): Promise<void> {
    const wanted = filter()
    await settle(deed.press((key) => replay(wanted, false, key)))
  }
  /** What was counted is done with, or the count is of before. */
  async function settle(done: Promise<ReplayResult | null>): Promise<void> {
    if (await done) trial.clear()
    repaired()
  }
  return { code, since, trial, deed, count, go, repeat: () => settle(deed.again()) }
}
