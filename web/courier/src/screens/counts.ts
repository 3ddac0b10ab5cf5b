/** Quantities as a person types them, one per line of goods. Pure. */

import type { Line } from '@courier/engine'
import { formatQuantity, parseQuantity, quantityText, thousandths } from '@shared/kit/quantity'

export interface Count {
  line: string
  name: string
  unit: string
  byWeight: boolean
  max: number
}
export type Typed = Record<string, string>

/** Lines of which there is something, with the most that each can have. */
export function countsOf(lines: readonly Line[], most: (line: Line) => number): Count[] {
  return lines
    .map((one) => ({ line: one.line, name: one.name, unit: one.unit, byWeight: one.by_weight, max: most(one) }))
    .filter((one) => one.max > 0)
}

export const carried = (line: Line): number => thousandths(line.carried)
export const allTyped = (counts: readonly Count[]): Typed => Object.fromEntries(counts.map((one) => [one.line, formatQuantity(one.max)]))
export const noneTyped = (counts: readonly Count[]): Typed => Object.fromEntries(counts.map((one) => [one.line, '0']))

/** Thousandths; null when what is typed is no quantity from 0 to the most. */
export function milliOf(count: Count, typed: Typed): number | null {
  const milli = parseQuantity(typed[count.line] ?? '')
  return milli !== null && milli <= count.max ? milli : null
}

export const valid = (counts: readonly Count[], typed: Typed): boolean => counts.every((one) => milliOf(one, typed) !== null)
export const some = (counts: readonly Count[], typed: Typed): boolean => counts.some((one) => (milliOf(one, typed) ?? 0) > 0)
export const whole = (counts: readonly Count[], typed: Typed): boolean => counts.every((one) => milliOf(one, typed) === one.max)
export const quantities = (counts: readonly Count[], typed: Typed): { line: string; quantity: string }[] =>
  counts.map((one) => ({ line: one.line, quantity: quantityText(milliOf(one, typed) ?? 0) }))
