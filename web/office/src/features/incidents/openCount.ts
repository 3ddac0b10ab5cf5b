import { incidents } from '@shared/api/incidents'
import { useLive } from '@shared/kit/live'
import { token } from '@shared/kit/session'
import { readonly, ref, watch } from 'vue'

const EVERY_MS = 20_000
const count = ref(0)

/** How many incidents wait, for the header; whoever reads incidents says what he has learned. */
export const openIncidents = readonly(count)
export const learnOpen = (open: number): void => void (count.value = open)

/** Keeps the number while a person is in. Called once, by the application. */
export function useOpenIncidents(): void {
  // None of them themselves: their words may hold what a cashier must not know before the count.
  const live = useLive((signal) => incidents({ state: 'open', limit: 0 }, signal), {
    everyMs: EVERY_MS, key: () => token.value, active: () => token.value !== null,
  })
  watch(live.data, (now) => learnOpen(now?.open ?? 0))
}
