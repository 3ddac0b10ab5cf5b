import { expect, it } from 'vitest'

import { DENOMINATIONS, pieces, sumOfNotes } from './notes'

it('sums notes and coins to the kopeck', () => {
  expect(sumOfNotes({ 500_000: '1', 10_000: '4', 50: '3' })).toBe(540_150)
  expect(sumOfNotes({ 500_000: ' 2 ', 10: '7' })).toBe(1_000_070)
})

it('agrees with plain addition for any counts', () => {
  for (let seed = 1; seed < 200; seed++) {
    const counts = DENOMINATIONS.map((_, i) => (seed * 7919 * (i + 3)) % 101)
    const typed = Object.fromEntries(DENOMINATIONS.map((worth, i) => [worth, String(counts[i])]))
    expect(sumOfNotes(typed)).toBe(DENOMINATIONS.reduce((sum, worth, i) => sum + worth * (counts[i] ?? 0), 0))
  }
})

it('makes no sum of what cannot be read, nor of nothing', () => {
  expect(['1.5', '-1', 'два', '100000'].map(pieces)).toEqual([null, null, null, null])
  expect(sumOfNotes({ 500_000: '1', 50: 'x' })).toBeNull()
  expect(sumOfNotes({})).toBeNull()
  expect(sumOfNotes({ 100: ' ' })).toBeNull()
  expect(sumOfNotes({ 100: '0' })).toBe(0)
})
