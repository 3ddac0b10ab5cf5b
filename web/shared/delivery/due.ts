/** What is due for what the customer took, by the domain's rule (domain/deliveries.py): kopecks, half up. */

/** The part of a line's sum for a part of its quantity. 1C's sum wins over quantity times price. */
export function partOfSumKop(sumKop: number, partMilli: number, wholeMilli: number): number {
  if (partMilli === wholeMilli) return sumKop
  // A double would lose kopecks of a large sum times thousandths.
  const [sum, part, whole] = [BigInt(sumKop), BigInt(partMilli), BigInt(wholeMilli)]
  return Number((2n * sum * part + whole) / (2n * whole))
}

/** Price times quantity, half up: kopecks per unit and thousandths of it. */
export const worthKop = (priceKop: number, milli: number): number => partOfSumKop(priceKop, milli, 1000)

export interface DueLine {
  line: string
  quantityMilli: number
  sumKop: number
}

export interface Due {
  lines: readonly DueLine[]
  deliveryKop: number
  prepaidKop: number
  /** «Сумма к получению» set by hand for the whole order; null = computed. */
  byHandKop: number | null
}

/** The amount due if only that much of each line is accepted; one set by hand falls by the rest. Never below zero. */
export function dueForKop(due: Due, acceptedMilli: (line: string) => number): number {
  const goodsKop = sum(due.lines.map((one) => one.sumKop))
  const acceptedKop = sum(due.lines.map((one) => partOfSumKop(one.sumKop, acceptedMilli(one.line), one.quantityMilli)))
  if (due.byHandKop !== null) return Math.max(0, due.byHandKop - (goodsKop - acceptedKop))
  return Math.max(0, acceptedKop + due.deliveryKop - due.prepaidKop)
}

const sum = (all: readonly number[]): number => all.reduce((whole, one) => whole + one, 0)
