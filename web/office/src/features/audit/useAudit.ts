/** The audit by the filters of the address. */

import { audit, type Act, type ActFilter, type Acts, type Names } from '@shared/api/people'
import { daysOf, isDay, startOf, today, type Days } from '@shared/kit/days'
import { useLines } from '@shared/kit/lines'
import { route, setQuery } from '@shared/kit/route'
import { computed, shallowRef } from 'vue'

import { toldBy } from './toldBy'

const EVERY_MS = 10_000
const LIMIT = 200

export function useAudit() {
  const days = computed<Days>({
    get: () => {
      const week = daysOf('week', today())
      const { from, to } = route.query
      return { from: isDay(from) ? from : week.from, to: isDay(to) ? to : week.to }
    },
    set: (to) => setQuery({ from: to.from, to: to.to }),
  })
  const filter = computed<ActFilter>(() => ({
    who: route.query.who, action: route.query.action, q: route.query.q, said: toldBy(route.query.q ?? '') || undefined, since: startOf(days.value.from), until: startOf(days.value.to, 1), limit: LIMIT,
  }))
  /** Of all pages that were read. */
  const names = shallowRef<Names>({})
  async function read(before: number | null, signal?: AbortSignal): Promise<Acts> {
    const found = await audit({ ...filter.value, before }, signal)
    names.value = { ...names.value, ...found.names }
    return found
  }
  const { lines: acts, ...found } = useLines<number, Acts, Act>({
    key: () => JSON.stringify(filter.value), everyMs: EVERY_MS, keep: true, read, lines: (page) => page.acts,
  })
  return { ...found, days, acts, names }
}
