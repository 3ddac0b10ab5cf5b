/** Who is at the page, and what he may do here. The service checks each request; this only hides what it would refuse. */

import { me, type Me } from '@shared/api/board'
import { serverNow, useNow } from '@shared/kit/clock'
import { keepCompanyDay } from '@shared/kit/days'
import { useLive } from '@shared/kit/live'
import { token } from '@shared/kit/session'
import { readonly, shallowRef, watchEffect } from 'vue'

const current = shallowRef<Me | null>(null)
export const person = readonly(current)

/** Until it is known who he is nothing is hidden. */
export const may = (right: string): boolean => current.value?.rights?.includes(right) ?? true

const EVERY_MS = 300_000

/** Once, by the frame of all pages. */
export function useWho(): void {
  const live = useLive(me, { everyMs: EVERY_MS, key: () => token.value, active: () => token.value !== null })
  watchEffect(() => void (current.value = token.value ? live.data.value : null))
  const now = useNow()
  watchEffect(() => void (now.value, keepCompanyDay(current.value?.time_zone, serverNow())))
}
