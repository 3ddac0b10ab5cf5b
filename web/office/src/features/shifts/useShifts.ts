import { shifts, type Shift } from '@shared/api/shifts'
import { today } from '@shared/kit/days'
import { useLive } from '@shared/kit/live'
import { kopecks } from '@shared/kit/money'
import { route, setQuery } from '@shared/kit/route'
import { hasWords } from '@shared/kit/search'
import { computed } from 'vue'

const EVERY_MS = 5000

/** How many of its counts differ, cash being one of them. */
export const differences = (one: Shift): number =>
  one.opened.differences.length + (one.closed?.differences.length ?? 0) + (one.closed?.cash_difference && kopecks(one.closed.cash_difference) !== 0 ? 1 : 0)

export const unsent = (one: Shift): number => one.phones.reduce((sum, phone) => sum + (phone.unsent ?? 0), 0)
export const missing = (one: Shift): number => one.phones.reduce((sum, phone) => sum + phone.missing.length, 0)

/** What a person should look at stands first: open ones with a queue, differences, late records; then by name. */
export function byNeed(a: Shift, b: Shift): number {
  const need = (one: Shift): number => (differences(one) ? 4 : 0) + (one.late ? 2 : 0) + (!one.closed_at && missing(one) ? 1 : 0)
  return need(b) - need(a) || (a.courier.name ?? '').localeCompare(b.courier.name ?? '') || b.opened_at.localeCompare(a.opened_at)
}

export function useShifts() {
  const day = computed({ get: () => route.query.day ?? today(), set: (now) => setQuery({ day: now === today() ? null : now, id: null }) })
  const live = useLive((signal) => shifts(route.query.day ?? '', signal), { everyMs: EVERY_MS, key: () => day.value })
  const all = computed(() => live.data.value?.shifts ?? [])
  const divisions = computed(() => {
    const known = new Map(all.value.map((one) => [one.division, one.division_name ?? one.division]))
    return [...known].map(([value, title]) => ({ value, title })).sort((a, b) => a.title.localeCompare(b.title))
  })
  const fits: Record<string, (one: Shift) => boolean> = {
    open: (one) => !one.closed_at, closed: (one) => Boolean(one.closed_at), off: (one) => differences(one) > 0 || one.late > 0,
  }
  const shown = computed(() =>
    all.value
      .filter((one) => fits[route.query.state ?? '']?.(one) ?? true)
      .filter((one) => !route.query.division || one.division === route.query.division)
      .filter((one) => hasWords(one.courier.name ?? '', route.query.q ?? ''))
      .sort(byNeed),
  )
  const chosen = computed(() => all.value.find((one) => one.id === route.query.id))
  return { ...live, day, all, shown, divisions, chosen }
}
