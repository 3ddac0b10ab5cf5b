import { describe, expect, it } from 'vitest'

import { dueForKop, partOfSumKop, type Due } from './due'

describe('the part of a line’s sum', () => {
  it('is rounded half up', () => {
    expect(partOfSumKop(99_999, 1000, 2000)).toBe(50_000)
    expect(partOfSumKop(100, 1000, 3000)).toBe(33)
    expect(partOfSumKop(200, 1000, 3000)).toBe(67)
    expect(partOfSumKop(1, 500, 1000)).toBe(1)
  })

  it('is the whole sum for the whole quantity, nothing for none', () => {
    expect(partOfSumKop(99_999, 1337, 1337)).toBe(99_999)
    expect(partOfSumKop(99_999, 0, 1337)).toBe(0)
  })

  it('keeps each kopeck of sums that a double cannot multiply', () => {
    expect(partOfSumKop(99_999_999_999, 333_333, 999_999)).toBe(33_333_333_333)
    expect(partOfSumKop(9_000_000_000_001, 1, 2)).toBe(4_500_000_000_001)
  })

  it('with its rest never differs from the whole by more than one kopeck', () => {
    for (let sum = 1; sum < 400; sum += 7)
      for (let part = 0; part <= 1500; part += 125)
        expect(Math.abs(partOfSumKop(sum, part, 1500) + partOfSumKop(sum, 1500 - part, 1500) - sum)).toBeLessThanOrEqual(1)
  })
})

describe('the amount due for what was accepted', () => {
  const due: Due = {
    lines: [{ line: '1', quantityMilli: 2000, sumKop: 199_999 }, { line: '2', quantityMilli: 1250, sumKop: 80_000 }],
    deliveryKop: 30_000, prepaidKop: 0, byHandKop: null,
  }
  const accepted = (milli: Record<string, number>) => (line: string): number => milli[line] ?? 0

  it('is goods, delivery, less what was paid before', () => {
    expect(dueForKop(due, accepted({ 1: 2000, 2: 1250 }))).toBe(309_999)
    expect(dueForKop({ ...due, prepaidKop: 9_999 }, accepted({ 1: 1000, 2: 1250 }))).toBe(100_000 + 80_000 + 30_000 - 9_999)
  })

  it('never falls below nothing', () => {
    expect(dueForKop({ ...due, prepaidKop: 500_000 }, accepted({ 1: 1000 }))).toBe(0)
  })

  it('set by hand falls by the sum of what was refused', () => {
    expect(dueForKop({ ...due, byHandKop: 250_000 }, accepted({ 1: 2000 }))).toBe(170_000)
    expect(dueForKop({ ...due, byHandKop: 50_000 }, accepted({ 1: 2000 }))).toBe(0)
  })
})
