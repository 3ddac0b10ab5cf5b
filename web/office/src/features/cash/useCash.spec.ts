import type { CashCourier } from '@shared/api/cash'
import { expect, it } from 'vitest'

import { samePerson } from './names'
import { fits, inOrder } from './useCash'

const aCourier = (name: string, at: string | null = null, code = '4821'): CashCourier => ({
  ref: name, name, division: { ref: 'd1', name: 'Москва' }, requested: at ? { at, code } : null, last_hand_in: null, ceiling_state: 'none',
})

it('puts first whose difference waits, then who waits longest, then the rest by name', () => {
  const couriers = [aCourier('Б'), aCourier('А'), aCourier('поздно', '2026-11-22T12:00:00Z'), aCourier('рано', '2026-11-22T10:00:00Z'), aCourier('спор')]
  const courier = { ref: 'спор', name: 'спор' }
  const counts = [{ id: '1', courier, counted: '1.00', expected: '2.00', difference: '-1.00', by: 'Анна', at: '2026-11-22T12:00:00Z', recounts: [] }]
  expect(inOrder({ couriers, counts }).map((one) => one.ref)).toEqual(['спор', 'рано', 'поздно', 'А', 'Б'])
})

it('finds by the beginning of a code, or by words of the name', () => {
  expect(fits(aCourier('Семёнов', '2026-11-22T10:00:00Z'), '48 2')).toBe(true)
  expect(fits(aCourier('Семёнов'), '4821')).toBe(false)
  expect(fits(aCourier('Семёнов'), 'семен')).toBe(true)
})

it('knows a person by the name however it is typed', () => {
  expect(samePerson(' иванова  а. ', 'Иванова А.')).toBe(true)
  expect(samePerson('Петрова А.', 'Иванова А.')).toBe(false)
})
