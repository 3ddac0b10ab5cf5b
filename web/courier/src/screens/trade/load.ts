/** Loads of the warehouse that wait to be counted, one line for each product. Pure. */

import type { Day, Load } from '@courier/engine'
import { parseQuantity, quantityText, thousandths } from '@shared/kit/quantity'

import type { Count, Typed } from '../counts'
import { keyOf, type Stock } from './stock'

export const loadsOf = (day: Day | null): Load[] => day?.backpack_loads ?? []

export interface LoadedCount extends Count {
  product: string
  characteristic: string | null
}

export function countsOfLoads(loads: readonly Load[], stock: readonly Stock[]): LoadedCount[] {
  const counts = new Map<string, LoadedCount>()
  for (const one of loads.flatMap((load) => load.lines)) {
    const key = keyOf(one)
    const [milli, before] = [thousandths(one.quantity), counts.get(key)?.max ?? 0]
    const byWeight = stock.find((some) => some.key === key)?.byWeight ?? milli % 1000 !== 0
    counts.set(key, { line: key, product: one.product, characteristic: one.characteristic, name: one.name, unit: one.unit, byWeight, max: before + milli })
  }
  return [...counts.values()]
}

/** What he counted beside what the warehouse says, where they differ. */
export function differencesOf(counts: readonly Count[], typed: Typed): { count: Count; milli: number; byMilli: number }[] {
  return counts.flatMap((count) => {
    const milli = parseQuantity(typed[count.line] ?? '')
    return milli === null || milli === count.max ? [] : [{ count, milli, byMilli: milli - count.max }]
  })
}

interface Counted {
  product: string
  characteristic: string | null
  milli: number
}

export const goodsOf = (counted: readonly Counted[]): { product: string; characteristic?: string; quantity: string }[] =>
  counted.map(({ product, characteristic, milli }) => ({ product, ...(characteristic ? { characteristic } : {}), quantity: quantityText(milli) }))

/**
 * Of a count of the whole backpack the part that the loads account for: what was there before comes first, so that
 * less is missing from the load and not from what he had accepted before.
 */
export function loadedPart(loads: readonly Load[], stock: readonly Stock[], milliOf: (key: string) => number): Counted[] {
  return countsOfLoads(loads, stock).map(({ line, product, characteristic, max }) => {
    const ledger = stock.find((one) => one.key === line)?.milli ?? 0
    const before = ledger - Math.min(max, Math.max(0, ledger))
    return { product, characteristic, milli: Math.max(0, milliOf(line) - Math.max(0, before)) }
  })
}
