import { aCard } from '@shared/testing/deliveries'
import { expect, it } from 'vitest'

import { columnsOf, stepTo } from './columns'

const all = (): boolean => true

it('sums columns, tells cash on hand, and shows what must be decided twice', () => {
  const columns = columnsOf([
    aCard({ id: '1', stage: 'handed_over', amount_due: '2450.00', amount_taken: '2000.00', on_hand: '2000.00', incidents: 1 }),
    aCard({ id: '2', stage: 'ready', amount_due: '100.50' }),
    aCard({ id: '3', stage: 'withdrawn' }),
  ])
  const of = Object.fromEntries(columns.map((one) => [one.key, [one.cards.length, one.sumKop, one.onHandKop, one.narrow]]))
  expect(of.handed_over).toEqual([1, 200000, 200000, false])
  expect(of.trouble).toEqual([1, 200000, 200000, false])
  expect(of.ready).toEqual([1, 10050, 0, false])
  expect(of.returned).toEqual([0, 0, 0, true])
})

it('puts what is left over first, then the earliest window', () => {
  const window = (h: number): { from: string; to: string } => ({ from: `2026-11-22T${h}:00:00Z`, to: `2026-11-22T${h + 1}:00:00Z` })
  const cards = [aCard({ id: 'late', stage: 'ready', window: window(18) }), aCard({ id: 'none', stage: 'ready', window: null }),
    aCard({ id: 'early', stage: 'ready', window: window(10) }), aCard({ id: 'old', stage: 'ready', window: null, left_over: true })]
  expect(columnsOf(cards)[0]?.cards.map((one) => one.id)).toEqual(['old', 'early', 'late', 'none'])
})

it('lets a card go only where the rules and the right allow', () => {
  const ready = aCard({ stage: 'ready', allowed: ['assign', 'cancel', 'pick_up'] })
  expect(stepTo(ready, 'picked_up', all)).toBe('pick_up')
  expect(stepTo(ready, 'handed_over', all)).toBeNull()
  expect(stepTo(ready, 'ready', all)).toBeNull()
  expect(stepTo(ready, 'trouble', all)).toBeNull()
  expect(stepTo(ready, 'cancelled', (action) => action !== 'cancel')).toBeNull()
  const back = aCard({ stage: 'not_delivered', allowed: ['retry', 'cancel', 'give_back'] })
  expect([stepTo(back, 'ready', all), stepTo(back, 'picked_up', all), stepTo(back, 'returned', all)]).toEqual(['retry', 'retry', 'give_back'])
})
