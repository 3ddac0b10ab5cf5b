/** A sale being made: what of the backpack, for how much, by which way. Pure. */

import type { Rules, Sale } from '@courier/engine'
import { t } from '@courier/words'
import { worthKop } from '@shared/delivery/due'
import { isLinkOrEmpty } from '@shared/kit/link'
import { kopecks, moneyText, parseMoney } from '@shared/kit/money'
import { formatQuantity, parseQuantity, quantityText, thousandths } from '@shared/kit/quantity'

import type { Typed } from '../counts'
import { amountText } from '../facts'
import { keyOf, type Stock } from './stock'

export type Way = 'cash' | 'card' | 'transfer'
export const WAYS: readonly Way[] = ['cash', 'card', 'transfer']

export interface SaleForm {
  /** Typed quantities of what is in the basket, by `Stock.key`. */
  quantities: Typed
  /** Typed prices of what 1C has none for. */
  prices: Typed
  method: Way | ''
  reference: string
  given: string
  receipt: boolean
  receiptUrl: string
  /** The order it is sold with; empty = by itself. */
  delivery: string
}

export const emptySale = (rules: Rules | null): SaleForm => ({
  quantities: {}, prices: {}, method: '', reference: '', given: '', receipt: rules?.sale_receipt ?? false, receiptUrl: '', delivery: '',
})

/** What a sale may take of one product: `over` is allowed with a warning, `blocked` is not. */
export type Room = 'fine' | 'over' | 'blocked'

export interface BasketLine {
  stock: Stock
  /** null: what is typed is no quantity above zero. */
  milli: number | null
  priceKop: number | null
  sumKop: number
  room: Room
  /** The most that can be sold. */
  mostMilli: number
}

export const oversaleOf = (rules: Rules | null): number => thousandths(rules?.oversale ?? '0')

export function linesOf(stock: readonly Stock[], form: Pick<SaleForm, 'quantities' | 'prices'>, oversaleMilli: number): BasketLine[] {
  return Object.keys(form.quantities).flatMap((key) => {
    const one = stock.find((some) => some.key === key)
    return one ? [lineOf(one, form, oversaleMilli)] : []
  })
}

function lineOf(stock: Stock, form: Pick<SaleForm, 'quantities' | 'prices'>, oversaleMilli: number): BasketLine {
  const milli = parseQuantity(form.quantities[stock.key] ?? '') || null
  const priceKop = stock.priceKop ?? priceTyped(form.prices[stock.key])
  const mostMilli = Math.max(0, stock.milli + oversaleMilli)
  const room = (milli ?? 0) > mostMilli ? 'blocked' : (milli ?? 0) > stock.milli ? 'over' : 'fine'
  return { stock, milli, priceKop, mostMilli, room, sumKop: worthKop(priceKop ?? 0, milli ?? 0) }
}

function priceTyped(typed: string | undefined): number | null {
  const kop = parseMoney(typed ?? '')
  return kop !== null && kop > 0 ? kop : null
}

export const totalKop = (lines: readonly BasketLine[]): number => lines.reduce((sum, one) => sum + one.sumKop, 0)

/** What stands in the way of the goods themselves, in words. */
export function goodsFaults(lines: readonly BasketLine[]): string[] {
  return [
    ...(lines.length ? [] : [t('lines.nothing')]),
    ...(lines.some((one) => one.milli === null) ? [t('lines.badShort')] : []),
    ...(lines.some((one) => one.priceKop === null) ? [t('sale.priceMissing')] : []),
    ...(lines.some((one) => one.room === 'blocked') ? [t('sale.tooMuch')] : []),
  ]
}

export function payFaults(form: SaleForm): string[] {
  return [
    ...(form.method ? [] : [t('money.methodMissing')]),
    ...(form.method === 'transfer' && !form.reference.trim() ? [t('money.referenceMissing')] : []),
    ...(form.receipt && !isLinkOrEmpty(form.receiptUrl) ? [t('sale.receiptUrlBad')] : []),
  ]
}

export function payloadOf(lines: readonly BasketLine[], form: SaleForm): Record<string, unknown> {
  const [reference, url] = [form.reference.trim(), form.receiptUrl.trim()]
  return {
    lines: lines.filter((one) => one.milli).map(({ stock, milli, priceKop }) => ({
      product: stock.product,
      ...(stock.characteristic ? { characteristic: stock.characteristic } : {}),
      quantity: quantityText(milli ?? 0),
      price: moneyText(priceKop ?? 0),
    })),
    payment_method: form.method,
    ...(reference && form.method === 'transfer' ? { reference } : {}),
    ...(form.delivery ? { delivery: form.delivery } : {}),
    receipt: form.receipt,
    ...(form.receipt && url ? { receipt_url: url } : {}),
  }
}

/** A tap on the goods: one piece more; of goods by weight the kilograms are typed. */
export function added(quantities: Typed, stock: Stock): Typed {
  const milli = parseQuantity(quantities[stock.key] ?? '') ?? 0
  const next = stock.byWeight ? (quantities[stock.key] ?? '') : formatQuantity(milli + 1000)
  return { ...quantities, [stock.key]: next }
}

export function without(quantities: Typed, key: string): Typed {
  return Object.fromEntries(Object.entries(quantities).filter(([other]) => other !== key))
}

/** What is said when more is taken than there is. */
export function roomWords({ stock, room, mostMilli }: BasketLine): string {
  const left = amountText(Math.max(0, stock.milli), stock.unit)
  if (room === 'over') return t('sale.over', { left })
  if (room === 'blocked' && mostMilli === 0) return t('sale.noneLeft')
  return room === 'blocked' ? t('sale.blocked', { left, most: amountText(mostMilli, stock.unit) }) : ''
}

/** The sale as it was made, to correct it; what it took counts as there again. */
export function formOf(sale: Sale): SaleForm {
  const method = WAYS.find((way) => way === sale.payment_method) ?? ''
  return {
    quantities: Object.fromEntries(sale.lines.map((one) => [keyOf(one), formatQuantity(thousandths(one.quantity))])),
    prices: {}, method, reference: sale.reference ?? '', given: '', receipt: sale.receipt, receiptUrl: sale.receipt_url ?? '', delivery: sale.delivery ?? '',
  }
}

export function stockOfSale(sale: Sale, stock: readonly Stock[]): Stock[] {
  return sale.lines.map((line) => {
    const milli = thousandths(line.quantity)
    const known = stock.find((one) => one.key === keyOf(line))
    const unknown = { key: keyOf(line), product: line.product, characteristic: line.characteristic, unit: t('sale.pieces'), byWeight: milli % 1000 !== 0, pendingMilli: 0, codes: [], barcodes: [], sold: 0, milli: 0 }
    return { ...unknown, ...known, name: line.name, priceKop: kopecks(line.price), milli: (known?.milli ?? 0) + milli }
  })
}
