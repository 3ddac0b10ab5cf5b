/** «Отдал»: how much, by which way, what of the goods. The amount is asked, never assumed. Pure. */

import type { Level, ShownDelivery } from '@courier/engine'
import { t } from '@courier/words'
import { isLinkOrEmpty } from '@shared/kit/link'
import { formatRubles, kopecks, moneyText, parseMoney } from '@shared/kit/money'
import { quantityText, thousandths } from '@shared/kit/quantity'

import { allTyped, carried, countsOf, milliOf, valid, type Count, type Typed } from '../counts'
import { dueForAccepted, handedOver } from '../facts'

export type Method = 'cash' | 'card' | 'transfer' | 'prepaid'
export const WHYS = ['discount', 'noChange', 'priceError', 'other'] as const

export interface HandOverForm {
  amount: string
  method: Method | ''
  given: string
  reference: string
  why: (typeof WHYS)[number] | ''
  whyText: string
  accepted: Typed
  checked: boolean
  /** Of the receipt that the customer was given; may be empty. */
  receiptUrl: string
}

/** What he could hand over: what he carries; for a correction what he had at the door. */
export const atDoor = (one: ShownDelivery): Count[] =>
  countsOf(one.lines, (line) => (handedOver(one) ? thousandths(line.accepted) + thousandths(line.refused) : carried(line)))

export const emptyForm = (one: ShownDelivery): HandOverForm => ({
  amount: '', method: whollyPaid(one) ? 'prepaid' : '', given: '', reference: '', why: '', whyText: '', accepted: allTyped(atDoor(one)), checked: false, receiptUrl: '',
})

export const wholeDueKop = (one: ShownDelivery): number => dueFor(one, allTyped(atDoor(one)))
const whollyPaid = (one: ShownDelivery): boolean => wholeDueKop(one) === 0

/** The amount due for what is accepted now; a line that is typed wrong counts as whole. */
export function dueFor(one: ShownDelivery, accepted: Typed): number {
  const counts = new Map(atDoor(one).map((count) => [count.line, milliOf(count, accepted) ?? count.max]))
  return dueForAccepted(one, (line) => counts.get(line) ?? 0)
}

/** Ways that make sense here: «Оплачено» only where something was paid before or nothing is due. */
export function methodsOf(one: ShownDelivery): Method[] {
  const paid = whollyPaid(one) || kopecks(one.prepaid) > 0 || one.payment_method === 'prepaid'
  return [...(paid ? (['prepaid'] as const) : []), 'cash', 'card', 'transfer']
}

/** What was taken; null when that is not said. Where the rules do not ask for the amount, the one due is meant. */
export function takenKop(one: ShownDelivery, form: HandOverForm, level: Level): number | null {
  if (form.method === 'prepaid') return 0
  if (form.amount.trim() === '' && level !== 'required') return dueFor(one, form.accepted)
  const kop = parseMoney(form.amount)
  return kop !== null && kop >= 0 ? kop : null
}

export interface Change {
  lacks: boolean
  kop: number
}

/** What he gives back from what he was given; null until both are known. */
export function changeOf(takenKop: number | null, given: string): Change | null {
  const givenKop = parseMoney(given)
  if (givenKop === null || givenKop < 0 || takenKop === null) return null
  return { lacks: givenKop < takenKop, kop: Math.abs(givenKop - takenKop) }
}

export function differenceKop(one: ShownDelivery, form: HandOverForm, level: Level): number {
  const taken = takenKop(one, form, level)
  return taken === null ? 0 : taken - dueFor(one, form.accepted)
}

export function faultsOf(one: ShownDelivery, form: HandOverForm, level: Level): string[] {
  const faults: string[] = []
  if (takenKop(one, form, level) === null) faults.push(t('money.amountMissing'))
  if (!form.method) faults.push(t('money.methodMissing'))
  if (form.method === 'transfer' && !form.reference.trim()) faults.push(t('money.referenceMissing'))
  if (differenceKop(one, form, level) && !reasonOf(form)) faults.push(t('money.whyMissing'))
  if (one.receipt && !isLinkOrEmpty(form.receiptUrl)) faults.push(t('sale.receiptUrlBad'))
  if (!valid(atDoor(one), form.accepted)) faults.push(t('lines.badShort'))
  return faults
}

export const reasonOf = (form: HandOverForm): string => (form.why === 'other' ? form.whyText.trim() : form.why ? t(`money.whys.${form.why}`) : '')

export function payloadOf(one: ShownDelivery, form: HandOverForm, level: Level): Record<string, unknown> {
  const differs = differenceKop(one, form, level) !== 0
  return {
    amount_taken: moneyText(takenKop(one, form, level) ?? 0),
    payment_method: form.method,
    ...(form.reference.trim() && form.method !== 'prepaid' ? { reference: form.reference.trim() } : {}),
    ...(one.receipt && form.receiptUrl.trim() ? { receipt_url: form.receiptUrl.trim() } : {}),
    ...(differs ? { difference_reason: reasonOf(form) } : {}),
    lines: atDoor(one).map((count) => ({ line: count.line, accepted: quantityText(milliOf(count, form.accepted) ?? 0) })),
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The form as it was sent, to correct it. */
export function formOf(one: ShownDelivery, payload: Record<string, unknown>): HandOverForm {
  const [amount, reason] = [parseMoney(text(payload.amount_taken)), text(payload.difference_reason)]
  const lines = (Array.isArray(payload.lines) ? payload.lines : []) as { line: string; accepted: string }[]
  return {
    ...emptyForm(one),
    amount: amount === null ? '' : formatRubles(amount),
    method: methodsOf(one).find((way) => way === payload.payment_method) ?? '',
    reference: text(payload.reference),
    why: reason ? 'other' : '',
    whyText: reason,
    accepted: { ...allTyped(atDoor(one)), ...Object.fromEntries(lines.map((line) => [line.line, line.accepted.replace('.', ',')])) },
    checked: true,
    receiptUrl: text(payload.receipt_url),
  }
}
