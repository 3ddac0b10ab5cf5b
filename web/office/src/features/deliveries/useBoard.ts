import { deliveries } from '@shared/api/board'
import type { Delivery, Stage } from '@shared/api/types'
import { useLive } from '@shared/kit/live'
import { kopecks } from '@shared/kit/money'
import { route, setQuery } from '@shared/kit/route'
import { computed, onScopeDispose, ref, watch } from 'vue'

/** Stages that always have a column; the others are a narrow strip while empty. */
const MAIN: readonly Stage[] = ['ready', 'picked_up', 'en_route', 'handed_over', 'settled']
const SIDE: readonly Stage[] = ['not_delivered', 'returned', 'cancelled']
const TYPING_MS = 250

export interface Column {
  stage: Stage
  count: number
  sumKop: number
  deliveries: Delivery[]
  narrow: boolean
}

function columnOf(stage: Stage, all: readonly Delivery[], count: number): Column {
  const mine = all.filter((one) => one.stage === stage).sort(byUrgency)
  const sumKop = mine.reduce((sum, one) => sum + kopecks(one.amount_taken ?? one.amount_due), 0)
  return { stage, count: Math.max(count, mine.length), sumKop, deliveries: mine, narrow: SIDE.includes(stage) && count === 0 && mine.length === 0 }
}

/** The earliest promised window first; those without one after them, by number. */
function byUrgency(a: Delivery, b: Delivery): number {
  const [x, y] = [a.window?.from ?? '~', b.window?.from ?? '~']
  return x < y ? -1 : x > y ? 1 : a.order_number.localeCompare(b.order_number)
}

export function useBoard() {
  const typed = ref(route.query.q ?? '')
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(typed, (now) => {
    clearTimeout(timer)
    timer = setTimeout(() => setQuery({ q: now.trim() }), TYPING_MS)
  })
  onScopeDispose(() => clearTimeout(timer))

  const filter = computed(() => ({ q: route.query.q ?? '', courier: route.query.courier ?? '', division: route.query.division ?? '' }))
  const filtered = computed(() => Object.values(filter.value).some(Boolean))
  const live = useLive((signal) => deliveries(filter.value, signal), { key: () => JSON.stringify(filter.value), keep: true })

  const columns = computed<Column[]>(() => {
    const board = live.data.value
    if (!board) return []
    return [...MAIN, ...SIDE].map((stage) => columnOf(stage, board.deliveries, board.counts[stage] ?? 0))
  })
  const total = computed(() => columns.value.reduce((sum, column) => sum + column.count, 0))
  const read = computed(() => columns.value.reduce((sum, column) => sum + column.deliveries.length, 0))

  function reset(): void {
    typed.value = ''
    setQuery({ q: null, courier: null, division: null })
  }
  return { ...live, typed, filter, filtered, columns, total, read, reset, setQuery }
}
