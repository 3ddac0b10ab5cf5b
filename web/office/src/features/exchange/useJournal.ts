/** The journal by the filters of the address; older lines are read after what is shown, and stay. */

import { journal, type JournalFilter, type JournalLine } from '@shared/api/admin'
import { isDay, shifted, startOf, today, type Days } from '@shared/kit/days'
import { useLive } from '@shared/kit/live'
import { route, setQuery } from '@shared/kit/route'
import { computed, ref, shallowRef, watch } from 'vue'

const EVERY_MS = 5000
const LIMIT = 100

export function useJournal() {
  const days = computed<Days>({
    get: () => {
      const { from, to } = route.query
      return { from: isDay(from) ? from : shifted(today(), -1), to: isDay(to) ? to : today() }
    },
    set: (to) => setQuery({ from: to.from, to: to.to }),
  })
  const filter = computed<JournalFilter>(() => {
    const { system, kind, outcome, only, code, order, q } = route.query
    return { since: startOf(days.value.from), until: startOf(days.value.to, 1), system, kind, outcome, only: only && 'trouble', code, order, q, limit: LIMIT }
  })
  const live = useLive((signal) => journal(filter.value, signal), { everyMs: EVERY_MS, key: () => JSON.stringify(filter.value) })

  const older = shallowRef<JournalLine[]>([])
  const next = ref<string | null | undefined>()
  const failed = shallowRef<unknown>(null)
  watch(() => JSON.stringify(filter.value), () => ([older.value, next.value, failed.value] = [[], undefined, null]))
  const before = computed(() => (next.value === undefined ? (live.data.value?.next ?? null) : next.value))
  const lines = computed<JournalLine[]>(() => {
    const newest = older.value[0]?.id ?? 0
    return [...(live.data.value?.lines ?? []).filter((line) => line.id > newest), ...older.value]
  })

  async function more(): Promise<void> {
    const [asked, shown] = [filter.value, lines.value]
    try {
      const found = await journal({ ...asked, before: before.value })
      if (JSON.stringify(asked) !== JSON.stringify(filter.value)) return
      ;[older.value, next.value, failed.value] = [[...shown, ...found.lines], found.next, null]
    } catch (fault) {
      failed.value = fault
    }
  }
  return { ...live, days, lines, before, more, failed }
}
