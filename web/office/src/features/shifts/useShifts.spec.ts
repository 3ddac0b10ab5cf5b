import type { Shift } from '@shared/api/shifts'
import { expect, it } from 'vitest'

import { byNeed, differences, missing, unsent } from './useShifts'

const phone = { device: 'p', name: null, last_seq: 9, whole_to: 9, missing: [] as number[], unsent: 0, last_at: '2026-11-22T10:00:00Z' }
const aShift = (name: string, changes: Partial<Shift> = {}): Shift => ({
  id: name, courier: { ref: name, name }, division: 'd', division_name: 'Центр', opened_at: '2026-11-22T06:00:00Z', closed_at: null, closed_by: null,
  close_reason: null, late: 0, opened: { goods: [], cash: '0.00', differences: [] }, closed: null, phones: [phone], ...changes,
})
const closed = (cash_difference: string | null): Shift['closed'] => ({ goods: null, cash: '40.00', expected_cash: '40.00', cash_difference, differences: [] })

it('counts cash that differs as one difference, and cash that agrees as none', () => {
  expect(differences(aShift('a', { closed: closed('-40.00') }))).toBe(1)
  expect(differences(aShift('a', { closed: closed('0.00') }))).toBe(0)
  expect(differences(aShift('a', { closed: closed(null) }))).toBe(0)
})

it('sums what phones still have and what has not come', () => {
  const one = aShift('a', { phones: [{ ...phone, unsent: 3 }, { ...phone, unsent: null, missing: [4, 5] }] })
  expect([unsent(one), missing(one)]).toEqual([3, 2])
})

it('puts first what a person should look at', () => {
  const all = [aShift('Борис'), aShift('Анна'), aShift('Вера', { late: 1 }), aShift('Глеб', { closed: closed('5.00') })]
  expect(all.sort(byNeed).map((one) => one.id)).toEqual(['Глеб', 'Вера', 'Анна', 'Борис'])
})
