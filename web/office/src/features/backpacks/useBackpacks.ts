import { backpacks, type CourierBackpack } from '@shared/api/backpacks'
import { useLive } from '@shared/kit/live'
import { kopecks } from '@shared/kit/money'
import { signedThousandths } from '@shared/kit/quantity'
import { route, setQuery } from '@shared/kit/route'
import { hasWords } from '@shared/kit/search'
import { useTyped } from '@shared/kit/typed'
import { computed } from 'vue'

const EVERY_MS = 5000

export interface Signs {
  /** Lines that are not what 1C has. */
  differs: number
  below: number
  pending: number
  disputed: number
  shortage: number
  shortageKop: number
}

const some = (quantity: string | null): boolean => quantity !== null && signedThousandths(quantity) !== 0

/** What a person should look at in a backpack, in numbers. */
export function signsOf(courier: CourierBackpack): Signs {
  return {
    differs: courier.goods.filter((one) => some(one.difference)).length,
    below: courier.goods.filter((one) => signedThousandths(one.quantity) < 0).length,
    pending: courier.goods.filter((one) => some(one.pending)).length,
    disputed: courier.disputed.length,
    shortage: courier.shortage.length,
    shortageKop: courier.shortage.reduce((kop, one) => kop + (one.value ? kopecks(one.value) : 0), 0),
  }
}

export const isOff = (signs: Signs): boolean => signs.differs + signs.below + signs.disputed + signs.shortage > 0

/** Loads in work come and go by themselves: they are no discrepancy, and do not move a courier up. */
export const byNeed = (a: CourierBackpack, b: CourierBackpack): number =>
  Number(isOff(signsOf(b))) - Number(isOff(signsOf(a))) || (a.name ?? '').localeCompare(b.name ?? '')

const isEmpty = (one: CourierBackpack): boolean => !one.goods.length && !one.disputed.length && !one.shortage.length

export function useBackpacks() {
  const live = useLive(backpacks, { everyMs: EVERY_MS })
  const typed = useTyped()

  const only = computed({ get: () => (route.query.only === 'off' ? 'off' : 'all'), set: (value: 'all' | 'off') => setQuery({ only: value === 'off' ? 'off' : null }) })
  const all = computed(() => (live.data.value?.couriers ?? []).filter((one) => !isEmpty(one)).sort(byNeed))
  const off = computed(() => all.value.filter((one) => isOff(signsOf(one))))
  const text = (one: CourierBackpack): string => [one.name ?? '', one.division.name ?? '', one.warehouse?.name ?? '', ...one.goods.map((line) => line.name)].join(' ')
  const shown = computed(() => (only.value === 'off' ? off.value : all.value).filter((one) => hasWords(text(one), typed.value)))
  return { ...live, typed, only, all, off, shown }
}
