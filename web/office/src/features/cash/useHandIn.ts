import { cancelCount, confirmCount, countCash, type CashCount, type OpenCount } from '@shared/api/cash'
import { serverNow } from '@shared/kit/clock'
import { kopecks, moneyText } from '@shared/kit/money'
import { computed, ref, shallowRef } from 'vue'

import { useAction } from '@shared/api/action'
import { t } from './words'

export type Stage = 'counting' | 'differs' | 'done'
export interface Figures {
  id: string
  countedKop: number
  expectedKop: number
  differenceKop: number
  settled: readonly string[]
  /** Who counted, where it was not on this page. */
  receiver: string | null
}
export interface Signed { reason: string; second: string }

const compared = (count: CashCount): Figures => ({
  id: count.id, countedKop: kopecks(count.counted), settled: count.settled, receiver: null,
  expectedKop: kopecks(count.expected), differenceKop: kopecks(count.difference),
})
const left = (count: OpenCount): Figures => ({ ...compared({ ...count, state: 'needs_reason', settled: [] }), receiver: count.by })

/** A hand-in: counted blind; then done, or counted anew, or taken in with a reason and a second name. */
export function useHandIn(courier: string, open: OpenCount | null) {
  const told = shallowRef<Figures | null>(open ? left(open) : null)
  const posted = ref(false)
  const signed = shallowRef<Signed | null>(null)
  const doneAt = ref('')
  const earlier = ref<number[]>(open ? open.recounts.map(kopecks) : [])
  const action = useAction()
  const stage = computed<Stage>(() => (posted.value ? 'done' : told.value ? 'differs' : 'counting'))

  function learn(count: CashCount): void {
    told.value = compared(count)
    posted.value = count.state === 'posted'
    doneAt.value = new Date(serverNow()).toISOString()
  }

  const count = (kop: number): Promise<void> =>
    action.send(async (key) => {
      const answer = await countCash({ courier, counted: moneyText(kop) }, key)
      return () => learn(answer)
    })

  const confirm = (by: Signed): Promise<void> =>
    action.send(async (key) => {
      const answer = await confirmCount(told.value?.id ?? '', by, key)
      return () => {
        signed.value = by
        learn(answer)
      }
    })

  /** The count that differs is kept; the next one begins with empty fields. */
  const recount = (): Promise<void> =>
    action.send(async (key) => {
      await cancelCount(told.value?.id ?? '', t.recountReason, key)
      return () => {
        if (told.value) earlier.value = [...earlier.value, told.value.countedKop]
        told.value = null
        action.clear()
      }
    })

  return { stage, told, signed, doneAt, earlier, action, count, confirm, recount }
}
