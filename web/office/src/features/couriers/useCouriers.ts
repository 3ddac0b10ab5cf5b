import { couriers, type CourierPhones, type Device } from '@shared/api/couriers'
import { useLive } from '@shared/kit/live'
import { hasWords } from '@shared/kit/search'
import { useTyped } from '@shared/kit/typed'
import { computed } from 'vue'

const EVERY_MS = 5000

/** All couriers, those who work first; the search is kept in the address. */
export function useCouriers() {
  const live = useLive(couriers, { everyMs: EVERY_MS })
  const typed = useTyped()

  const all = computed(() => [...(live.data.value?.couriers ?? [])].sort((a, b) => Number(b.active) - Number(a.active)))
  const shown = computed(() => all.value.filter((one) => hasWords(one.name, typed.value)))
  return { ...live, typed, all, shown }
}

export type DeviceState = 'works' | 'revoked' | 'over' | 'unseen'

/** What a device may do at this moment. */
export function deviceState(device: Device, now: number): DeviceState {
  if (device.revoked || !device.token_id) return 'revoked'
  if (device.expires_at && Date.parse(device.expires_at) <= now) return 'over'
  return device.device ? 'works' : 'unseen'
}

/** The phone that has entered since `before`, by its token. */
export function newDevice(courier: CourierPhones | undefined, before: ReadonlySet<string>): Device | null {
  return courier?.devices.find((one) => one.token_id && one.device && !one.revoked && !before.has(one.token_id)) ?? null
}

export const tokensOf = (courier: CourierPhones | undefined): Set<string> =>
  new Set(courier?.devices.flatMap((one) => (one.token_id ? [one.token_id] : [])))
