/** What is counted at both ends of a shift: the money, and each thing in the backpack. */

import { useDay, type Day, type NewStep } from '@courier/engine'
import { t } from '@courier/words'
import { kopecks, moneyText, parseMoney } from '@shared/kit/money'
import { formatQuantity, parseQuantity } from '@shared/kit/quantity'

import type { Count, Typed } from '../counts'
import { NO_PROOFS, toHandInKop } from '../facts'
import { goodsOf, loadedPart, loadsOf } from '../trade/load'
import { stockOf } from '../trade/stock'
import { useSheet } from '../useSheet'

export type End = 'open' | 'close'
export interface ShiftForm {
  end: End
  cash: string
  typed: Typed
  fits: Record<string, boolean>
}

export function useShiftCount(end: End) {
  const day = useDay()
  // The whole backpack, with what is loaded and not accepted yet.
  const stock = stockOf(day.day)
  const loads = end === 'open' ? loadsOf(day.day) : []
  const counts: Count[] = stock.map((one) => ({ line: one.key, name: one.name, unit: one.unit, byWeight: one.byWeight, max: Math.max(0, one.milli) }))
  const expectedKop = expected(day.day, end)

  function faults(form: ShiftForm): string[] {
    const found: string[] = []
    const kop = parseMoney(form.cash)
    if (kop === null || kop < 0) found.push(end === 'open' ? t('shift.cashMissing') : t('shift.cashMissingClose'))
    if (!counts.every((one) => form.fits[one.line])) found.push(t('shift.goodsMissing'))
    if (counts.some((one) => parseQuantity(form.typed[one.line] ?? '') === null)) found.push(t('lines.badShort'))
    return found
  }
  const milliOf = (form: ShiftForm, key: string): number => parseQuantity(form.typed[key] ?? '') ?? 0
  const goods = (form: ShiftForm) => goodsOf(stock.map((one) => ({ ...one, milli: milliOf(form, one.key) })))

  /** The count of the start is the acceptance of what waits; once recorded nothing waits any more. */
  function acceptance(form: ShiftForm): NewStep | null {
    if (end !== 'open' || !loadsOf(day.day).length) return null
    const lines = goodsOf(loadedPart(loads, stock, (key) => milliOf(form, key)))
    return { type: 'backpack.accept', payload: { loads: loads.map((one) => one.id), lines }, geo: null, version: day.day?.backpack_version }
  }
  const sheet = useSheet<ShiftForm>({
    delivery: 'shift',
    step: 'shift',
    alone: true,
    levels: NO_PROOFS,
    before: acceptance,
    form: { end, cash: '', typed: Object.fromEntries(counts.map((one) => [one.line, formatQuantity(one.max)])), fits: {} },
    faults,
    made: (form) => ({ type: `shift.${end}`, payload: { goods: goods(form), cash: moneyText(parseMoney(form.cash) ?? 0) } }),
    path: `/shift/${end}`,
    after: '/',
  })
  return { sheet, counts, loads, expectedKop, differsKop: () => differs(sheet.form.cash, expectedKop) }
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
