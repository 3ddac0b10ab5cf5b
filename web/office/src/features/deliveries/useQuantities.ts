import type { Delivery, Line } from '@shared/api/types'
import { formatQuantity, parseQuantity, quantityText, thousandths } from '@shared/kit/quantity'
import { computed, ref, type ComputedRef, type Ref } from 'vue'

const PIECE = 1000

export interface LineEntry {
  line: string
  name: string
  unit: string
  max: string
  typed: Ref<string>
  /** Thousandths, or null when what is typed is no quantity from 0 to the most. */
  milli: ComputedRef<number | null>
  canStep: (by: 1 | -1) => boolean
  step: (by: 1 | -1) => void
}

/** What stands in the fields at first; by line: what that says, nothing of the others. */
export type Start = 'all' | 'nothing' | ReadonlyMap<string, number>

/** What the courier says he brings back, in thousandths; everything while he has said nothing. */
export const claimed = ({ claimed_back: said }: Delivery): Start =>
  said ? new Map(said.map((one) => [one.line, thousandths(one.quantity)])) : 'all'

/** Quantities of a delivery's lines as a person types them. `most` says what a line can have at most. */
export function useQuantities(lines: readonly Line[], most: (line: Line) => string, start: Start = 'all') {
  const entries = lines.map((line) => entryOf(line, thousandths(most(line)), start)).filter((entry) => entry.max !== '0')
  const valid = computed(() => entries.every((entry) => entry.milli.value !== null))
  const any = computed(() => entries.some((entry) => (entry.milli.value ?? 0) > 0))
  const body = (): { line: string; quantity: string }[] =>
    entries.map((entry) => ({ line: entry.line, quantity: quantityText(entry.milli.value ?? 0) }))
  return { entries, valid, any, body }
}

function entryOf(line: Line, most: number, start: Start): LineEntry {
  const typed = ref(formatQuantity(startOf(line, most, start)))
  const milli = computed(() => {
    const value = parseQuantity(typed.value)
    return value !== null && value <= most ? value : null
  })
  const stepped = (by: 1 | -1): number => Math.min(most, Math.max(0, (milli.value ?? 0) + by * PIECE))
  return {
    line: line.line,
    name: line.name,
    unit: line.unit,
    max: formatQuantity(most),
    typed,
    milli,
    canStep: (by) => milli.value === null || stepped(by) !== milli.value,
    step: (by) => void (typed.value = formatQuantity(stepped(by))),
  }
}

function startOf(line: Line, most: number, start: Start): number {
  if (typeof start !== 'string') return Math.min(most, start.get(line.line) ?? 0)
  return start === 'all' ? most : 0
}
