import type { Step } from '@shared/api/types'
import { formatDay } from '@shared/kit/time'
import { computed, ref } from 'vue'

import { systemTitle } from '@shared/words/systems'

export type TimelineOrder = 'newest' | 'oldest'

interface Keyed extends Step {
  /** Stable while the list grows, so that a renewal moves nothing on the screen. */
  id: string
}

export interface TimelineDay {
  day: string
  steps: Keyed[]
}

/** Exchanges of an order by local day, in the wanted direction, of one system or of all. */
export function useTimeline(steps: () => readonly Step[]) {
  const order = ref<TimelineOrder>('newest')
  const system = ref('')

  const systems = computed(() => [...new Set(steps().map((step) => systemTitle(step.system)))].sort())
  const days = computed<TimelineDay[]>(() => {
    const wanted = withIds(steps()).filter((step) => !system.value || systemTitle(step.system) === system.value)
    if (order.value === 'newest') wanted.reverse()
    return byDay(wanted)
  })
  return { order, system, systems, days }
}

/** Oldest first, whichever way the service sorts them. */
function withIds(steps: readonly Step[]): Keyed[] {
  const seen = new Map<string, number>()
  const sorted = [...steps].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
  return sorted.map((step) => {
    const base = [step.at, step.kind, step.system, step.event_id, step.attempt, step.outcome].join('|')
    const nth = (seen.get(base) ?? 0) + 1
    seen.set(base, nth)
    return { ...step, id: `${base}|${nth}` }
  })
}

function byDay(steps: Keyed[]): TimelineDay[] {
  const days: TimelineDay[] = []
  for (const step of steps) {
    const day = formatDay(step.at)
    const last = days.at(-1)
    if (last?.day === day) last.steps.push(step)
    else days.push({ day, steps: [step] })
  }
  return days
}
