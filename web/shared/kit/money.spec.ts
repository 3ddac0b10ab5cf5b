import { describe, expect, it } from 'vitest'

import { formatMoney, formatRubles, kopecks, moneyText, parseMoney } from './money'

describe('money', () => {
  it('is shown with a thin space, kopecks only when they are not zero', () => {
    expect(formatMoney(kopecks('2450.00'))).toBe('2\u202f450\u202f₽')
    expect(formatRubles(123456789)).toBe('1\u202f234\u202f567,89')
    expect(formatRubles(5)).toBe('0,05')
    expect(formatRubles(-150050)).toBe('−1\u202f500,50')
  })
  it('is read as people type it', () => {
    expect(parseMoney(' 2\u202f450,5 ')).toBe(245050)
    expect(parseMoney('1000000')).toBe(100000000)
    expect(['', '2450.505', '12a', '1e3', '--5', '.'].map(parseMoney)).toEqual([null, null, null, null, null, null])
  })
  it('never passes an unreadable sum of the service for zero', () => {
    expect(() => kopecks('два')).toThrow(RangeError)
  })
  it('goes back to the service as it came', () => {
    for (const text of ['0.00', '0.07', '2450.00', '99999999.99', '-3.10']) expect(moneyText(kopecks(text))).toBe(text)
  })
})
