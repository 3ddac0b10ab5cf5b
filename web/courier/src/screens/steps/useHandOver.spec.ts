import { aDelivery, carriedLine } from '@courier/testing/day'
import { describe, expect, it } from 'vitest'

import { changeOf, differenceKop, dueFor, emptyForm, faultsOf, formOf, methodsOf, payloadOf, takenKop, wholeDueKop, type HandOverForm } from './useHandOver'

const one = aDelivery({
  lines: [
    carriedLine({ quantity: '3', price: '333.33', sum: '1000.00' }),
    carriedLine({ line: '2', unit: 'кг', by_weight: true, quantity: '1.25', price: '640.00', sum: '800.00' }),
  ],
  goods: '1800.00', delivery_price: '300.00', amount_due: '2100.00',
})
const form = (changes: Partial<HandOverForm> = {}): HandOverForm => ({ ...emptyForm(one), ...changes })

describe('the amount due', () => {
  it('is the whole one while nothing is refused', () => {
    expect(wholeDueKop(one)).toBe(210_000)
  })

  it('falls with a refused part by the line’s sum, half up', () => {
    expect(dueFor(one, { 1: '2', 2: '1,25' })).toBe(66_667 + 80_000 + 30_000)
    expect(dueFor(one, { 1: '1', 2: '0,333' })).toBe(33_333 + 21_312 + 30_000)
  })

  it('set by hand falls by the sum of what was refused', () => {
    const byHand = { ...one, amount_due: '1900.00', amount_due_by_hand: true }
    expect(dueFor(byHand, { 1: '2', 2: '1,25' })).toBe(190_000 - (100_000 - 66_667))
  })

  it('of a prepaid order stays nothing', () => {
    const paid = { ...one, prepaid: '2100.00', amount_due: '0.00' }
    expect(dueFor(paid, { 1: '1', 2: '0' })).toBe(0)
    expect(emptyForm(paid).method).toBe('prepaid')
  })

  it('counts a line that is typed wrong as whole', () => {
    expect(dueFor(one, { 1: '7', 2: 'много' })).toBe(210_000)
  })
})

describe('the change', () => {
  it('is what was given less what is taken', () => {
    expect(changeOf(245_000, '3 000')).toEqual({ lacks: false, kop: 55_000 })
    expect(changeOf(245_000, '2450')).toEqual({ lacks: false, kop: 0 })
  })

  it('says what lacks', () => {
    expect(changeOf(245_000, '2 000,50')).toEqual({ lacks: true, kop: 44_950 })
  })

  it('is unknown until both sums are known', () => {
    expect(changeOf(null, '3000')).toBeNull()
    expect(changeOf(245_000, '')).toBeNull()
    expect(changeOf(245_000, 'три тысячи')).toBeNull()
  })
})

describe('what is asked', () => {
  it('is the amount and the way of payment: neither is assumed', () => {
    expect(takenKop(one, form(), 'required')).toBeNull()
    expect(faultsOf(one, form(), 'required')).toEqual(['сумма', 'способ оплаты'])
    expect(faultsOf(one, form({ amount: '2100', method: 'cash' }), 'required')).toEqual([])
  })

  it('is not the amount where the rules do not want it', () => {
    expect(takenKop(one, form({ method: 'card' }), 'optional')).toBe(210_000)
    expect(faultsOf(one, form({ method: 'card' }), 'optional')).toEqual([])
  })

  it('is the reason of a differing amount, in words for «Другое»', () => {
    const less = { amount: '2000', method: 'cash' } as const
    expect(differenceKop(one, form(less), 'required')).toBe(-10_000)
    expect(faultsOf(one, form(less), 'required')).toEqual(['причина другой суммы'])
    expect(faultsOf(one, form({ ...less, why: 'other' }), 'required')).toEqual(['причина другой суммы'])
    expect(faultsOf(one, form({ ...less, why: 'discount' }), 'required')).toEqual([])
  })

  it('is the number of a transfer', () => {
    expect(faultsOf(one, form({ amount: '2100', method: 'transfer' }), 'required')).toEqual(['номер перевода'])
  })

  it('offers «Оплачено» only where something was paid or nothing is due', () => {
    expect(methodsOf(one)).toEqual(['cash', 'card', 'transfer'])
    expect(methodsOf({ ...one, prepaid: '100.00' })[0]).toBe('prepaid')
  })
})

describe('the payload', () => {
  it('has each line, the amount, and no reason when the amount fits', () => {
    expect(payloadOf(one, form({ amount: '1 766,67', method: 'cash', accepted: { 1: '2', 2: '1,25' }, why: 'discount' }), 'required')).toEqual({
      amount_taken: '1766.67', payment_method: 'cash', lines: [{ line: '1', accepted: '2' }, { line: '2', accepted: '1.25' }],
    })
  })

  it('comes back as the form of its correction', () => {
    const handed = { ...one, stage: 'handed_over' as const, times: { ...one.times, handed_over_at: '2026-11-22T10:00:00Z' }, amount_due: '1766.67', lines: one.lines.map((line, at) => ({ ...line, accepted: at ? line.quantity : '2', refused: at ? '0' : '1', carried: at ? '0' : '1' })) }
    const sent = { amount_taken: '1700.00', payment_method: 'transfer', reference: '4411', difference_reason: 'Скидка', lines: [{ line: '1', accepted: '2' }, { line: '2', accepted: '1.25' }] }
    expect(payloadOf(handed, formOf(handed, sent), 'required')).toEqual(sent)
    expect(wholeDueKop(handed)).toBe(210_000)
  })
})

it('carries the link to a receipt that was given, and no other text', () => {
  const asked = { ...one, receipt: true }
  const given = form({ method: 'card', amount: '2100', receiptUrl: ' https://ofd.example/r/1 ' })
  expect(payloadOf(asked, given, 'required')).toMatchObject({ receipt_url: 'https://ofd.example/r/1' })
  expect(payloadOf(one, given, 'required')).not.toHaveProperty('receipt_url')
  expect(faultsOf(asked, { ...given, receiptUrl: 'http://ofd.example/1' }, 'required')).toEqual(['ссылка на чек'])
})
