/**
 * Backpack, sales and cash as the phone shows them: the snapshot with the own steps that it does not contain yet, by
 * the rules of the server (domain/sales.py, backpack.py). Pure. Each effect changes nothing when it is there already.
 */

import { worthKop } from '@shared/delivery/due'
import { kopecks, moneyText, parseMoney } from '@shared/kit/money'
import { parseQuantity, quantityText, signedThousandths, thousandths } from '@shared/kit/quantity'

import type { QueueRow } from './database'
import type { BackpackLine, CashLine, Day, Sale, SaleLine } from './types'

type Payload = Record<string, unknown>

export const withTrade = (day: Day, steps: readonly QueueRow[]): Day => steps.reduce(withStep, day)

function withStep(day: Day, row: QueueRow): Day {
  const { type, payload } = row.wire
  if (type === 'sale.make') return sold(day, row)
  if (type === 'correction') return corrected(day, row)
  return type === 'backpack.accept' ? accepted(day, payload) : day
}

function sold(day: Day, row: QueueRow): Day {
  const sales = day.sales ?? []
  if (sales.some((one) => one.id === row.id)) return day
  const sale = saleOf(day, row.id, row.wire.at_device, row.wire.payload)
  return withMoney(withGoods({ ...day, sales: [sale, ...sales] }, [], sale.lines), row, 'sale', cashKop(sale))
}

/** The right sale in the place of the wrong one; without lines the customer gave everything back. */
function corrected(day: Day, row: QueueRow): Day {
  const before = (day.sales ?? []).find((one) => one.id === row.wire.payload.of)
  if (!before) return day
  const right = saleOf(day, before.id, before.at, (row.wire.payload.payload ?? {}) as Payload)
  const after: Sale = { ...right, delivery: before.delivery, corrected: true }
  const sales = (day.sales ?? []).map((one) => (one === before ? after : one))
  const goods = withGoods({ ...day, sales }, before.lines, after.lines)
  return withMoney(goods, row, 'correction', cashKop(after) - cashKop(before))
}

/** «К сдаче» counts only what was taken in cash. */
const cashKop = (sale: Sale): number => (sale.payment_method === 'cash' ? kopecks(sale.sum) : 0)

function saleOf(day: Day, id: string, at: string, payload: Payload): Sale {
  const lines = named(payload.lines).map((line) => saleLine(day, line)).filter((line) => thousandths(line.quantity) > 0)
  return {
    id, at, lines, corrected: false,
    sum: moneyText(lines.reduce((total, line) => total + kopecks(line.sum), 0)),
    payment_method: text(payload.payment_method) ?? '',
    reference: text(payload.reference),
    receipt: payload.receipt === true,
    receipt_url: text(payload.receipt_url),
    delivery: text(payload.delivery),
  }
}

function saleLine(day: Day, line: Payload): SaleLine {
  const [milli, kop] = [parseQuantity(String(line.quantity)) ?? 0, parseMoney(String(line.price ?? '0')) ?? 0]
  const [product, characteristic] = [String(line.product), text(line.characteristic)]
  const known = [...day.backpack, ...(day.sales ?? []).flatMap((one) => one.lines)].find((one) => isSame(one, { product, characteristic }))
  return { product, characteristic, name: known?.name ?? product, quantity: quantityText(milli), price: moneyText(kop), sum: moneyText(worthKop(kop, milli)) }
}

type Key = Pick<BackpackLine, 'product' | 'characteristic'>
export const isSame = (a: Key, b: Key): boolean => a.product === b.product && (a.characteristic ?? null) === (b.characteristic ?? null)

/** back: what is in the backpack again; gone: what left it. */
function withGoods(day: Day, back: readonly SaleLine[], gone: readonly SaleLine[]): Day {
  const milli = (lines: readonly SaleLine[], of: Key): number => lines.reduce((sum, line) => sum + (isSame(line, of) ? thousandths(line.quantity) : 0), 0)
  const backpack = day.backpack.map((one) => {
    const change = milli(back, one) - milli(gone, one)
    return change ? { ...one, quantity: quantityText(signedThousandths(one.quantity) + change), sold: Math.max(0, (one.sold ?? 0) - Math.sign(change)) } : one
  })
  return { ...day, backpack }
}

function withMoney(day: Day, row: QueueRow, kind: CashLine['kind'], kop: number): Day {
  if (!kop) return day
  const { cash } = day
  const line: CashLine = { id: row.id, at: row.wire.at_device, kind, sum: moneyText(kop), order_number: null, receiver: null }
  const plus = (sum: string): string => moneyText(kopecks(sum) + kop)
  return { ...day, cash: { ...cash, sold: plus(cash.sold ?? '0'), to_hand_in: plus(cash.to_hand_in), lines: newestFirst([line, ...(cash.lines ?? [])]) } }
}

/** Counted goods in the place of what the loads said. What was sold of them before is counted as found. */
function accepted(day: Day, payload: Payload): Day {
  const loads = day.backpack_loads ?? []
  const ids = Array.isArray(payload.loads) ? (payload.loads as string[]) : null
  const counted = loads.filter((one) => !ids || ids.includes(one.id))
  if (!counted.length) return day
  const lines = named(payload.lines)
  const found = (of: Key): number => lines.reduce((sum, line) => sum + (isSame(line as unknown as Key, of) ? (parseQuantity(String(line.quantity)) ?? 0) : 0), 0)
  const said = (of: Key): number => counted.flatMap((one) => one.lines).reduce((sum, line) => sum + (isSame(line, of) ? thousandths(line.quantity) : 0), 0)
  const backpack = day.backpack.map((one) => {
    const milli = signedThousandths(one.quantity)
    const pending = Math.max(0, thousandths(one.pending ?? '0') - said(one))
    return { ...one, quantity: quantityText(milli + found(one) - Math.min(said(one), Math.max(0, milli))), pending: quantityText(pending) }
  })
  return { ...day, backpack, backpack_loads: loads.filter((one) => !counted.includes(one)) }
}

export const newestFirst = (lines: CashLine[]): CashLine[] => lines.sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
const named = (lines: unknown): Payload[] => (Array.isArray(lines) ? (lines as Payload[]) : [])
const text = (value: unknown): string | null => (typeof value === 'string' && value ? value : null)
