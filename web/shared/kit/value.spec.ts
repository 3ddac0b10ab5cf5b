import { expect, it } from 'vitest'

import { formatValue, sortable } from './value'

it('shows each kind as people write it', () => {
  expect(formatValue('2450.00', 'money')).toBe('2\u202f450\u202f₽')
  expect(formatValue('-1.5', 'quantity')).toBe('−1,5')
  expect(formatValue(12345, 'count')).toBe('12\u202f345')
  expect(formatValue(-7, 'count')).toBe('−7')
  expect(formatValue(0.975, 'share')).toBe('97,5\u202f%')
  expect(formatValue(1, 'share')).toBe('100\u202f%')
  expect(formatValue(720, 'seconds')).toBe('12 мин')
  expect(formatValue('2026-11-22', 'date')).toContain('22 нояб.')
  expect(formatValue('Петров', 'text')).toBe('Петров')
})

it('shows a dash where there is nothing, and zero where there is zero', () => {
  expect(formatValue(null, 'money')).toBe('—')
  expect(formatValue('', 'text')).toBe('—')
  expect(formatValue(0, 'count')).toBe('0')
})

it('sorts sums as sums, not as texts', () => {
  expect(sortable('900.00', 'money')! < sortable('2450.00', 'money')!).toBe(true)
  expect(sortable('-2', 'quantity')).toBe(-2000)
  expect(sortable(null, 'count')).toBeNull()
})
