import * as api from '@shared/api/admin'
import { useLive } from '@shared/kit/live'
import { route, setQuery } from '@shared/kit/route'
import { computed } from 'vue'

import { t, type Tab } from './words'

const TABS: readonly Tab[] = ['lanes', 'bases', 'portal', 'journal', 'dead', 'quarantine', 'reconciliation', 'ownership', 'routes']
const ROUTES_EVERY_MS = 300_000
const LISTS_EVERY_MS = 3000
/** What is asked for in one list has no meaning in another. */
const OF_A_LIST = { why: null, q: null, code: null, kind: null, order: null, outcome: null, only: null, system: null, line: null, at: null, raw: null, view: null, field: null, value: null, base: null, run: null, waits: null, differs: null, changed: null, refused: null }

/** Destinations always; of the lists below them only the one that is open is read. Filters live in the address. */
export function useExchange() {
  const tab = computed<Tab>({
    get: () => TABS.find((one) => one === route.query.tab) ?? 'lanes',
    set: (now) => setQuery({ ...OF_A_LIST, tab: now === 'lanes' ? null : now }),
  })
  const open = (one: Tab) => (): boolean => tab.value === one
  const laneFilter = computed<api.LaneFilter>(() => ({ destination: route.query.destination, why: route.query.why, q: route.query.q }))
  const deadFilter = computed<api.DeadFilter>(() => ({ destination: route.query.destination, code: route.query.code, order: route.query.order }))

  const summary = useLive(api.exchange)
  const lanes = useLive((signal) => api.lanes(laneFilter.value, signal), { key: () => JSON.stringify(laneFilter.value), active: open('lanes'), everyMs: LISTS_EVERY_MS })
  const dead = useLive((signal) => api.dead(deadFilter.value, signal), { key: () => JSON.stringify(deadFilter.value), active: open('dead'), everyMs: LISTS_EVERY_MS })
  const routes = useLive(api.routes, { active: open('routes'), everyMs: ROUTES_EVERY_MS })

  const destinations = computed<api.SeenDestination[]>(() => summary.data.value?.destinations ?? [])
  const counts = computed<Partial<Record<Tab, number>>>(() => ({
    lanes: sum(destinations.value.map((one) => one.waiting)),
    dead: sum(destinations.value.map((one) => one.dead)),
    quarantine: sum((summary.data.value?.bases ?? []).map((one) => one.quarantined)),
  }))
  const tabs = computed(() => TABS.map((value) => ({ value, title: t.tabs[value], count: counts.value[value], bad: value !== 'lanes' })))
  const systems = computed(() => destinations.value.map((one) => ({ value: one.name, title: one.title })))
  const titleOf = (name: string): string => destinations.value.find((one) => one.name === name)?.title ?? name
  return { tab, summary, lanes, dead, routes, destinations, systems, tabs, titleOf }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
