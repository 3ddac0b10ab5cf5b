import { aDelivery } from '@courier/testing/day'
import { expect, it } from 'vitest'

import { actionsOf, byWindow, hasMoney, isActive, isDone, isLate, toCarryBack } from './facts'

it('leads from «Забрал» to «В пути» to «Отдал», with «Не вручил» beside', () => {
  expect(actionsOf(aDelivery({ stage: 'ready', goods_out: false })).main).toBe('pick_up')
  expect(actionsOf(aDelivery({ stage: 'picked_up' }))).toEqual({ main: 'depart', side: 'not_deliver', quiet: ['hand_over'] })
  expect(actionsOf(aDelivery())).toEqual({ main: 'hand_over', side: 'not_deliver', quiet: [] })
})

it('offers the way back of goods once, and only of goods that are there', () => {
  expect(actionsOf(aDelivery({ stage: 'cancelled' })).main).toBe('give_back')
  expect(actionsOf(aDelivery({ stage: 'cancelled', claimed_back: true })).main).toBeNull()
  expect(actionsOf(aDelivery({ stage: 'cancelled', goods_out: false })).main).toBeNull()
  expect(actionsOf(aDelivery({ stage: 'not_delivered' }))).toMatchObject({ main: 'retry', side: 'give_back' })
})

it('leaves only the way back of what went to another courier', () => {
  const gone = aDelivery({ stage: 'ready', mine: false })
  expect(actionsOf(gone)).toEqual({ main: 'give_back', side: null, quiet: [] })
  expect([isActive(gone), toCarryBack(gone), isDone(gone)]).toEqual([false, true, false])
})

it('puts each delivery in exactly one part of the list', () => {
  const stages = ['ready', 'picked_up', 'en_route', 'handed_over', 'settled', 'not_delivered', 'returned', 'cancelled'] as const
  for (const stage of stages)
    for (const goods_out of [true, false])
      for (const mine of [true, false]) {
        const one = aDelivery({ stage, goods_out, mine })
        expect([isActive(one), toCarryBack(one), isDone(one)].filter(Boolean)).toHaveLength(1)
      }
})

it('keeps the order of the list by the time promised, those without one last', () => {
  const late = aDelivery({ id: 'b', window: null })
  const soon = aDelivery({ id: 'a', window: { from: '2026-11-22T08:00:00Z', to: '2026-11-22T10:00:00Z' } })
  expect([late, soon].sort(byWindow).map((one) => one.id)).toEqual(['a', 'b'])
})

it('calls a delivery late only while something is to be done', () => {
  const window = { from: '2026-11-22T08:00:00Z', to: '2026-11-22T10:00:00Z' }
  const after = Date.parse('2026-11-22T10:00:01Z')
  expect(isLate(aDelivery({ window }), after)).toBe(true)
  expect(isLate(aDelivery({ window }), after - 2000)).toBe(false)
  expect(isLate(aDelivery({ window, stage: 'settled' }), after)).toBe(false)
})

it('shows no money to take for what was cancelled or went to another courier', () => {
  expect(hasMoney(aDelivery())).toBe(true)
  expect(hasMoney(aDelivery({ stage: 'cancelled' }))).toBe(false)
  expect(hasMoney(aDelivery({ stage: 'ready', mine: false }))).toBe(false)
  expect(hasMoney(aDelivery({ stage: 'settled', times: { ...aDelivery().times, handed_over_at: '2026-11-22T10:00:00Z' } }))).toBe(true)
})
