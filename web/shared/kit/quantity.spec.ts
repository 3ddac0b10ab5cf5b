import { expect, it } from 'vitest'

import { formatQuantity, parseQuantity, quantityText } from './quantity'

it('reads and writes up to three digits', () => {
  expect(['1', '1,5', '0.125', '1.250'].map(parseQuantity)).toEqual([1000, 1500, 125, 1250])
  expect(['', '-1', '1.2345', 'один'].map(parseQuantity)).toEqual([null, null, null, null])
  expect(formatQuantity(1250)).toBe('1,25')
  expect(quantityText(1250)).toBe('1.25')
  expect(formatQuantity(10_000)).toBe('10')
})
