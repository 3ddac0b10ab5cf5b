/** The audit by the filters of the address; older rows are read after what is shown, and stay. */

import { audit, type Act, type ActFilter, type Names } from '@shared/api/people'
import { daysOf, isDay, startOf, today, type Days } from '@shared/kit/days'
import { useLive } from '@shared/kit/live'
import { route, setQuery } from '@shared/kit/route'
import { computed, ref, shallowRef, watch } from 'vue'

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
  const live = useLive((signal) => audit(filter.value, signal), { everyMs: EVERY_MS, key: () => JSON.stringify(filter.value), keep: true })

  const older = shallowRef<Act[]>([])
  const olderNames = shallowRef<Names>({})
  const names = computed<Names>(() => ({ ...olderNames.value, ...live.data.value?.names }))
  const next = ref<number | null | undefined>()
  const failed = shallowRef<unknown>(null)
  watch(filter, () => ([older.value, next.value, failed.value] = [[], undefined, null]))
  const before = computed(() => (next.value === undefined ? (live.data.value?.next ?? null) : next.value))
  const acts = computed<Act[]>(() => {
    const last = older.value[0]?.id ?? 0
    return [...(live.data.value?.acts ?? []).filter((act) => act.id > last), ...older.value]
  })

  async function more(): Promise<void> {
    const [asked, shown] = [filter.value, acts.value]
    try {
      const found = await audit({ ...asked, before: shown.at(-1)?.id ?? null })
      if (asked !== filter.value) return
      olderNames.value = { ...names.value, ...found.names }
      ;[older.value, next.value, failed.value] = [[...shown, ...found.acts], found.next, null]
    } catch (fault) {
      failed.value = fault
    }
  }
  return { ...live, days, acts, names, before, more, failed }
}
