/** What is counted at both ends of a shift: the money, and each thing in the backpack. */

import { useDay, type BackpackLine, type Day } from '@courier/engine'
import { t } from '@courier/words'
import { kopecks, moneyText, parseMoney } from '@shared/kit/money'
import { formatQuantity, parseQuantity, quantityText, thousandths } from '@shared/kit/quantity'

import type { Count, Typed } from '../counts'
import { PROOFS, toHandInKop, type Levels } from '../facts'
import { useSheet } from '../useSheet'

export type End = 'open' | 'close'
export interface ShiftForm {
  end: End
  cash: string
  typed: Typed
  fits: Record<string, boolean>
}

const keyOf = (one: BackpackLine): string => `${one.product} ${one.characteristic ?? ''}`

export function useShiftCount(end: End) {
  const day = useDay()
  const stock = day.day?.backpack ?? []
  const counts: Count[] = stock.map((one) => ({ line: keyOf(one), name: one.name, unit: one.unit, byWeight: one.by_weight, max: thousandths(one.quantity) }))
  const expectedKop = expected(day.day, end)

  function faults(form: ShiftForm): string[] {
    const found: string[] = []
    const kop = parseMoney(form.cash)
    if (kop === null || kop < 0) found.push(end === 'open' ? t('shift.cashMissing') : t('shift.cashMissingClose'))
    if (!counts.every((one) => form.fits[one.line])) found.push(t('shift.goodsMissing'))
    if (counts.some((one) => parseQuantity(form.typed[one.line] ?? '') === null)) found.push(t('lines.badShort'))
    return found
  }
  const goods = (form: ShiftForm) => stock.map((one) => ({
    product: one.product,
    ...(one.characteristic ? { characteristic: one.characteristic } : {}),
    quantity: quantityText(parseQuantity(form.typed[keyOf(one)] ?? '') ?? 0),
  }))
  const sheet = useSheet<ShiftForm>({
    delivery: 'shift',
    step: 'shift',
    levels: Object.fromEntries(PROOFS.map((proof) => [proof, 'off'])) as Levels,
    form: { end, cash: '', typed: Object.fromEntries(counts.map((one) => [one.line, formatQuantity(one.max)])), fits: {} },
    faults,
    made: (form) => ({ type: `shift.${end}`, payload: { goods: goods(form), cash: moneyText(parseMoney(form.cash) ?? 0) } }),
    path: `/shift/${end}`,
    after: '/',
  })
  return { sheet, counts, expectedKop, differsKop: () => differs(sheet.form.cash, expectedKop) }
}

/** What is on him by the records; null at the start when no change was issued: then there is nothing to compare with. */
function expected(day: Day | null, end: End): number | null {
  if (!day) return null
  return end === 'open' ? kopecks(day.cash.change) || null : toHandInKop(day)
}

function differs(typed: string, expectedKop: number | null): number {
  const kop = parseMoney(typed)
  return kop === null || expectedKop === null ? 0 : Math.abs(kop - expectedKop)
}
