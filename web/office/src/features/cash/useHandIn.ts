import { cancelCount, confirmCount, countCash, type CashCount, type OpenCount } from '@shared/api/cash'
import { serverNow } from '@shared/kit/clock'
import { kopecks, moneyText } from '@shared/kit/money'
import { computed, ref, shallowRef } from 'vue'

import { useAction } from '@shared/api/action'
import { t } from './words'

export type Stage = 'counting' | 'differs' | 'done'
export interface Figures { id: string; countedKop: number; expectedKop: number; differenceKop: number; settled: readonly string[] }
export interface Signed { reason: string; second: string }

const figures = (count: CashCount | OpenCount): Figures => ({
  id: count.id, countedKop: kopecks(count.counted), expectedKop: kopecks(count.expected), differenceKop: kopecks(count.difference),
  settled: 'settled' in count ? count.settled : [],
})

/** A hand-in: counted blind; then done, or counted anew, or taken in with a reason and a second name. */
export function useHandIn(courier: () => { ref: string; code: string | null }, open: OpenCount | null) {
  const told = shallowRef<Figures | null>(open ? figures(open) : null)
  const posted = ref(false)
  const signed = shallowRef<Signed | null>(null)
  const doneAt = ref('')
  const earlier = ref<number[]>((open?.earlier ?? []).map(kopecks))
  const action = useAction()
  const stage = computed<Stage>(() => (posted.value ? 'done' : told.value ? 'differs' : 'counting'))

  function learn(count: CashCount): void {
    told.value = figures(count)
    posted.value = count.state === 'posted'
    if (count.earlier) earlier.value = count.earlier.map(kopecks)
    doneAt.value = new Date(serverNow()).toISOString()
  }

  const count = (kop: number): Promise<void> =>
    action.send(async (key) => {
      const { ref, code } = courier()
      const answer = await countCash({ courier: ref, counted: moneyText(kop), ...(code ? { request_code: code } : {}) }, key)
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
