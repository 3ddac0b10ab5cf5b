/** The journal by the filters of the address. */

import { journal, type JournalFilter, type JournalLine, type JournalPage } from '@shared/api/admin'
import { isDay, shifted, startOf, today, type Days } from '@shared/kit/days'
import { useLines } from '@shared/kit/lines'
import { route, setQuery } from '@shared/kit/route'
import { computed } from 'vue'

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
  const found = useLines<string, JournalPage, JournalLine>({
    key: () => JSON.stringify(filter.value), everyMs: EVERY_MS,
    read: (before, signal) => journal({ ...filter.value, before }, signal), lines: (page) => page.lines,
  })
  return { ...found, days }
}
