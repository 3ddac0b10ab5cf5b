import { call } from './client'
import type { Named } from './types'

export interface BackpackGoods {
  product: string
  characteristic: string | null
  name: string
  unit: string
  /** May be below zero: sold before its load was booked. */
  quantity: string
}

export interface BackpackLine extends BackpackGoods {
  /** Loaded, and not counted by the courier yet. */
  pending: string
  /** The stock of his warehouse in 1C; null = 1C has not told. */
  onec: string | null
  /** The backpack less 1C. */
  difference: string | null
}

export interface ShortageLine extends BackpackGoods {
  /** At the price of the day; null = there was no price. */
  value: string | null
}

export interface CourierBackpack {
  ref: string
  name: string | null
  division: Named
  /** His own one in 1C; null = 1C has told of none. */
  warehouse: Named | null
  goods: BackpackLine[]
  /** Not found at the count of a load; below zero: more was found. */
  disputed: BackpackGoods[]
  shortage: ShortageLine[]
}

export type ShortageDecision = 'write-off' | 'found'
export interface ShortageBody {
  product: string
  characteristic?: string
  quantity: string
  reason: string
}

export const backpacks = (signal?: AbortSignal): Promise<{ couriers: CourierBackpack[] }> =>
  call('GET', '/api/v1/board/backpacks', { signal })

export const decideShortage = (ref: string, decision: ShortageDecision, body: ShortageBody, key: string): Promise<unknown> =>
  call('POST', `/api/v1/board/backpacks/${encodeURIComponent(ref)}/${decision}`, { body, key })
