import { couriers } from '@shared/api/couriers'
import { incidents, type Incident, type IncidentState } from '@shared/api/incidents'
import { isDay, startOf } from '@shared/kit/days'
import { useLive } from '@shared/kit/live'
import { route, setQuery } from '@shared/kit/route'
import { computed, reactive, ref, shallowRef, watch } from 'vue'

import { learnOpen } from './openCount'

export type StateFilter = IncidentState | 'all'

export const MOST = 500
const PAGE = 50
const EVERY_MS = 3000
const COURIERS_MS = 300_000
const STATES: readonly StateFilter[] = ['open', 'decided', 'all']
const RANK = { alarm: 0, warning: 1, notice: 2 }

/** What can wait least stands first; of what is decided, the last. */
export function byUrgency(a: Incident, b: Incident): number {
  if (a.state !== b.state) return a.state === 'open' ? -1 : 1
  if (a.state === 'decided') return (b.decided_at ?? '').localeCompare(a.decided_at ?? '')
  return RANK[a.severity] - RANK[b.severity] || b.last_at.localeCompare(a.last_at)
}

/** As they were read, in their order; held ones that are not among them any more stay as they were. */
export function withHeld(read: readonly Incident[], held: ReadonlyMap<string, Incident>): Incident[] {
  const there = new Set(read.map((one) => one.id))
  const kept = [...held.values()].filter((one) => !there.has(one.id))
  const place = (one: Incident): Incident => (one.state === 'open' ? (held.get(one.id) ?? one) : one)
  return [...read, ...kept].sort((a, b) => byUrgency(place(a), place(b)))
}

const span = (day: string | undefined): { since?: string; until?: string } => (isDay(day) ? { since: startOf(day), until: startOf(day, 1) } : {})

/** Incidents by the filter of the address. */
export function useIncidents() {
  const state = computed<StateFilter>(() => STATES.find((one) => one === route.query.state) ?? 'open')
  const asked = computed(() => {
    const { courier, delivery, division, severity, kind, q, day } = route.query
    return { state: state.value, courier, delivery, division, severity, kind, q, ...span(day) }
  })
  const filtered = computed(() => {
    const { state: _, ...narrower } = asked.value
    return Object.values(narrower).some(Boolean)
  })

  const live = useLive((signal) => incidents({ ...asked.value, limit: MOST }, signal), {
    everyMs: EVERY_MS, key: () => JSON.stringify(asked.value), keep: 'meanwhile',
  })
  const people = useLive(couriers, { everyMs: COURIERS_MS })

  /** Kinds that were seen while the page is open: a chosen one stays in the list when its last incident is decided. */
  const titles = reactive(new Map<string, string>())
  watch(live.data, (now) => {
    if (!now) return
    learnOpen(now.open)
    for (const one of [...now.incidents, ...(now.kinds ?? [])]) titles.set(one.kind, one.title)
  })
  const kind = computed(() => route.query.kind ?? '')
  const kinds = computed(() => {
    const known = [...titles].map(([value, title]) => ({ value, title })).sort((a, b) => a.title.localeCompare(b.title))
    return kind.value && !titles.has(kind.value) ? [...known, { value: kind.value, title: kind.value }] : known
  })
  const divisions = computed(() => (live.data.value?.divisions ?? []).map((one) => ({ value: one.ref, title: one.name })))

  /** Those that somebody is deciding on here, as they were when he began: each stays, in its place, though
   *  a renewal may have it no more. */
  const held = shallowRef<ReadonlyMap<string, Incident>>(new Map())
  function hold(one: Incident, on: boolean): void {
    const others = [...held.value].filter(([id]) => id !== one.id)
    held.value = new Map(on ? [...others, [one.id, one]] : others)
  }

  const most = ref(PAGE)
  watch(() => JSON.stringify(asked.value), () => ([most.value, held.value] = [PAGE, new Map()]))
  const found = computed(() => withHeld(live.data.value?.incidents ?? [], held.value))
  const shown = computed(() => found.value.filter((one, place) => place < most.value || held.value.has(one.id)))
  const left = computed(() => Math.min(PAGE, found.value.length - shown.value.length))
  const reset = (): void => setQuery({ kind: null, courier: null, delivery: null, division: null, severity: null, q: null, day: null })
  return {
    ...live, state, filtered, kinds, divisions, people: people.data, found, shown, left, reset, hold,
    more: () => void (most.value += PAGE),
  }
}
