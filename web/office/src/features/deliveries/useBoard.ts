import type { BoardFilter } from '@shared/api/types'
import { route, setQuery } from '@shared/kit/route'
import { computed } from 'vue'

import { columnsOf } from './columns'
import { useBoardLive } from './useBoardLive'

const FILTERS = ['q', 'courier', 'division', 'day', 'only'] as const

/** The board by the filters of the address. */
export function useBoard() {
  const filter = computed<BoardFilter>(() => ({
    q: route.query.q, courier: route.query.courier, division: route.query.division, day: route.query.day,
    only: route.query.only ? 'discrepancies' : '',
  }))
  const filtered = computed(() => FILTERS.some((name) => route.query[name]))
  const live = useBoardLive(() => filter.value)
  const columns = computed(() => columnsOf(live.cards.value.values()))
  const total = computed(() => columns.value.reduce((sum, column) => sum + (column.key === 'trouble' ? 0 : column.cards.length), 0))
  const reset = (): void => setQuery(Object.fromEntries(FILTERS.map((name) => [name, null])))
  return { ...live, filtered, columns, total, reset }
}
