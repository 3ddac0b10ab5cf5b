/** Steps that need no sheet: one touch, ten seconds to undo. */

import { useQueue, type ShownDelivery, type StepName } from '@courier/engine'
import { ref } from 'vue'

import { open, orderPath } from '../ui/routes'
import { levelsOf, needsSheet } from './facts'
import { usePlace } from './usePlace'
import { useRules } from './useRules'

const DIRECT: readonly StepName[] = ['depart', 'retry']

export function useDirect(one: () => ShownDelivery) {
  const queue = useQueue()
  const [busy, problem] = [ref(false), ref<unknown>(null)]

  async function act(step: StepName): Promise<void> {
    const levels = levelsOf(useRules(one()), step)
    if (!DIRECT.includes(step) || needsSheet(levels)) return open(orderPath(one().id, step))
    if (busy.value) return
    busy.value = true
    problem.value = null
    try {
      const { id, version } = one()
      await queue.record({ type: `delivery.${step}`, delivery: id, payload: {}, geo: await usePlace(levels.position).settled(), version })
    } catch (fault) {
      problem.value = fault
    } finally {
      busy.value = false
    }
  }
  return { act, busy, problem }
}

