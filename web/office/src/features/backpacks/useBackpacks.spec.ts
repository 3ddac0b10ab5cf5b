import type { BackpackLine, CourierBackpack } from '@shared/api/backpacks'
import { expect, it } from 'vitest'

import { byNeed, isOff, signsOf } from './useBackpacks'

const aLine = (changes: Partial<BackpackLine> = {}): BackpackLine => ({
  product: 'p1', characteristic: null, name: 'Термос', unit: 'шт', quantity: '2', pending: '0', onec: '2', difference: '0', ...changes,
})
const aBackpack = (changes: Partial<CourierBackpack> = {}): CourierBackpack => ({
  ref: 'c1', name: 'Петров', division: { ref: 'd1', name: 'Москва' }, warehouse: null, goods: [aLine()], disputed: [], shortage: [], ...changes,
})

it('sees what differs, is below zero or waits, and values a shortage to the kopeck', () => {
  const short = { product: 'p2', characteristic: null, name: 'Кружка', unit: 'шт', quantity: '1' }
  const signs = signsOf(aBackpack({
    goods: [aLine({ difference: '-0.5' }), aLine({ quantity: '-1', difference: null }), aLine({ pending: '3' })],
    shortage: [{ ...short, value: '990.50' }, { ...short, value: '9.60' }, { ...short, value: null }],
  }))
  expect(signs).toEqual({ differs: 1, below: 1, pending: 1, disputed: 0, shortage: 3, shortageKop: 100_010 })
})

it('puts discrepancies first, and takes goods on the way for none', () => {
  const waits = aBackpack({ name: 'А', goods: [aLine({ pending: '2' })] })
  const off = aBackpack({ name: 'Я', goods: [aLine({ difference: '1' })] })
  expect(isOff(signsOf(waits))).toBe(false)
  expect([waits, off].sort(byNeed).map((one) => one.name)).toEqual(['Я', 'А'])
})
