import { cashDesk, type CashCourier, type CashDesk } from '@shared/api/cash'
import { useLive } from '@shared/kit/live'
import { route } from '@shared/kit/route'
import { hasWords } from '@shared/kit/search'
import { useTyped } from '@shared/kit/typed'
import { computed } from 'vue'

const EVERY_MS = 4000

/** Whose count waits for its reason, then who asked to hand in, the first of them first, then the rest by name. */
export function inOrder(desk: CashDesk): CashCourier[] {
  const waits = new Set(desk.counts.map((one) => one.courier.ref))
  const rank = (one: CashCourier): number => (waits.has(one.ref) ? 0 : one.requested ? 1 : 2)
  return [...desk.couriers].sort(
    (a, b) => rank(a) - rank(b) || (a.requested?.at ?? '').localeCompare(b.requested?.at ?? '') || (a.name ?? '').localeCompare(b.name ?? ''),
  )
}

/** By the code that his phone shows, or by any words of the name. */
export function fits(courier: CashCourier, typed: string): boolean {
  const code = typed.replaceAll(/\s/g, '')
  if (/^\d+$/.test(code)) return courier.requested?.code.startsWith(code) ?? false
  return hasWords(courier.name ?? '', typed)
}

/** The cash desk: couriers by the search, and the one whose desk is open by the address. */
export function useCash() {
  const live = useLive(cashDesk, { everyMs: EVERY_MS })
  const typed = useTyped()

  const all = computed(() => (live.data.value ? inOrder(live.data.value) : []))
  const shown = computed(() => all.value.filter((one) => fits(one, typed.value)))
  const asked = computed(() => all.value.filter((one) => one.requested).length)
  const chosen = computed(() => all.value.find((one) => one.ref === route.query.courier))
  const openCount = (ref: string) => live.data.value?.counts.find((one) => one.courier.ref === ref)
  return { ...live, typed, all, shown, asked, chosen, openCount }
}
