import * as api from '@shared/api/admin'
import type { Destination } from '@shared/api/types'
import { useLive } from '@shared/kit/live'
import { route, setQuery } from '@shared/kit/route'
import { computed } from 'vue'

import type { Tab } from './words'

export const TABS: readonly Tab[] = ['lanes', 'dead', 'quarantine', 'routes']
const ROUTES_EVERY_MS = 300_000

/** Destinations always; of the lists below them only the one that is open is read. */
export function useExchange() {
  const tab = computed<Tab>({
    get: () => TABS.find((one) => one === route.query.tab) ?? 'lanes',
    set: (now) => setQuery({ tab: now === 'lanes' ? null : now }),
  })
  const destination = computed({ get: () => route.query.destination ?? '', set: (name) => setQuery({ destination: name }) })
  const open = (one: Tab) => (): boolean => tab.value === one

  const summary = useLive(api.exchange)
  const lanes = useLive((signal) => api.lanes(destination.value, signal), { key: () => destination.value, active: open('lanes') })
  const dead = useLive((signal) => api.dead(destination.value, signal), { key: () => destination.value, active: open('dead') })
  const quarantine = useLive(api.quarantine, { active: open('quarantine') })
  const routes = useLive(api.routes, { active: open('routes'), everyMs: ROUTES_EVERY_MS })

  const destinations = computed<Destination[]>(() => summary.data.value?.destinations ?? [])
  const counts = computed<Partial<Record<Tab, number>>>(() => ({
    lanes: sum(destinations.value.map((one) => one.waiting)),
    dead: sum(destinations.value.map((one) => one.dead)),
    quarantine: sum((summary.data.value?.bases ?? []).map((one) => one.quarantined)),
  }))
  const titleOf = (name: string): string => destinations.value.find((one) => one.name === name)?.title ?? name
  return { tab, destination, summary, lanes, dead, quarantine, routes, destinations, counts, titleOf }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
