/** The backpack as a list to sell from. Pure. */

import type { BackpackLine, Day } from '@courier/engine'
import { kopecks } from '@shared/kit/money'
import { signedThousandths, thousandths } from '@shared/kit/quantity'

export interface Stock {
  key: string
  product: string
  characteristic: string | null
  name: string
  unit: string
  byWeight: boolean
  /** What is left by the ledger; below zero after a late fact. */
  milli: number
  /** Of it loaded and not counted yet. */
  pendingMilli: number
  /** 1C's, per unit; null = it has none. */
  priceKop: number | null
  codes: string[]
  barcodes: string[]
  sold: number
}

export const keyOf = (one: { product: string; characteristic?: string | null }): string => `${one.product} ${one.characteristic ?? ''}`

const stockLine = (one: BackpackLine): Stock => ({
  key: keyOf(one),
  product: one.product,
  characteristic: one.characteristic,
  name: one.name,
  unit: one.unit,
  byWeight: one.by_weight,
  milli: signedThousandths(one.quantity),
  pendingMilli: thousandths(one.pending ?? '0'),
  priceKop: one.price === null ? null : kopecks(one.price),
  codes: [one.article, one.code].filter((code): code is string => Boolean(code)),
  barcodes: one.barcodes ?? [],
  sold: one.sold ?? 0,
})

/** Sold most often first; what is not there any more last. */
export const stockOf = (day: Day | null): Stock[] =>
  (day?.backpack ?? []).map(stockLine).sort((a, b) => Number(b.milli > 0) - Number(a.milli > 0) || b.sold - a.sold || a.name.localeCompare(b.name, 'ru'))

/** How many of the list are worth a place of their own at the top. */
const FAVOURITES = 5
export const favouritesOf = (stock: readonly Stock[]): Stock[] => stock.filter((one) => one.sold > 0 && one.milli > 0).slice(0, FAVOURITES)

const plain = (text: string): string => text.toLowerCase().replaceAll('ё', 'е')

/** By words of the name, by article, 1C's code or barcode. */
export function found(stock: readonly Stock[], asked: string): Stock[] {
  const words = plain(asked).split(/\s+/).filter(Boolean)
  const text = (one: Stock): string => plain([one.name, ...one.codes, ...one.barcodes].join(' '))
  return stock.filter((one) => words.every((word) => text(one).includes(word)))
}

/** A scanner may tell a UPC-A with or without the zero that makes an EAN-13 of it. */
const bare = (code: string): string => code.replace(/^0+/, '')
export const byBarcode = (stock: readonly Stock[], code: string): Stock | undefined =>
  stock.find((one) => [...one.barcodes, ...one.codes].some((known) => bare(known) === bare(code)))
