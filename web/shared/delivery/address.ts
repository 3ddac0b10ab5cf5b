import type { Address } from '@shared/api/types'
import { catalogue } from '@shared/kit/i18n'

const t = catalogue(
  { entrance: 'подъезд', floor: 'этаж', flat: 'кв.', intercom: 'домофон' },
  { entrance: 'entrance', floor: 'floor', flat: 'flat', intercom: 'intercom' },
)

const DOOR = ['entrance', 'floor', 'flat', 'intercom'] as const

/** Many a base writes the flat into the address as well. */
function saysFlat(address: Address): boolean {
  const flat = String(address.flat).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return new RegExp(`кв\\.?\\s*${flat}(?![\\p{L}\\p{N}])`, 'u').test(address.text ?? '')
}

/** «подъезд 2 · этаж 4 · кв. 17»; empty when nothing of it is known. */
export function doorText(address: Address): string {
  return DOOR.filter((part) => address[part] && !(part === 'flat' && saysFlat(address)))
    .map((part) => `${t[part]} ${address[part]}`).join(' · ')
}
