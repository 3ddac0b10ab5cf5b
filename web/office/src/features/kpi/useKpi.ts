import { kpi, type KpiFilter } from '@shared/api/kpi'
import { daysOf, isDay, shifted, today, type Days } from '@shared/kit/days'
import { useLive } from '@shared/kit/live'
import { route, setQuery } from '@shared/kit/route'
import { computed, shallowRef, watch } from 'vue'

const EVERY_MS = 60_000
const USUAL_DAYS = 30

/** Which days, of which division, and what stands open beside: all of it is in the address. */
export function useKpi() {
  const days = computed<Days>({
    get: () => {
      const { from, to } = route.query
      const last = daysOf('today', today()).to
      return isDay(from) && isDay(to) ? { from, to } : { from: shifted(last, 1 - USUAL_DAYS), to: last }
    },
    set: ({ from, to }) => setQuery({ from, to, cases: null }),
  })
  const filter = computed<KpiFilter>(() => ({ ...days.value, division: route.query.division }))
  const live = useLive((signal) => kpi(filter.value, signal), { everyMs: EVERY_MS, key: () => JSON.stringify(filter.value) })

  /** By whom one may ask; it stays while other days are read. */
  const divisions = shallowRef<{ ref: string; name: string }[]>([])
  watch(live.data, (now) => now && (divisions.value = now.divisions))

  /** Of a KPI or, from the page of the pilot, of a gate. */
  const cases = computed(() => (/^[a-z0-9_]{1,40}$/.test(route.query.cases ?? '') ? route.query.cases! : ''))
  return { ...live, days, filter, divisions, cases }
}
