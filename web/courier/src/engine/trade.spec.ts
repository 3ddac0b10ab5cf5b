import { kopecks } from '@shared/kit/money'
import { signedThousandths } from '@shared/kit/quantity'
import { describe, expect, it } from 'vitest'

import type { QueueRow } from './database'
import { aDay, chanceOf } from './testing/world'
import { withTrade } from './trade'
import type { Day, EventType } from './types'

let order = 0
function aRow(type: EventType, payload: Record<string, unknown>, id = `e${++order}`): QueueRow {
  return {
    id, order: ++order, seq: 0, courier: 'c', device: 'p', delivery: null, order_number: null, state: 'held', held_until: null, tries: 0, code: null, message: null,
    photo_faults: {}, done_at: null, tick: 0, draft: null,
    wire: { id, type, at_device: '2026-11-22T08:00:00.000Z', tz: '', mono_ms: 0, clock_offset_ms: 0, photos: [], rules_version: 'r1', payload },
  }
}

const base: Day = aDay({
  backpack: [
    { product: 'p1', characteristic: null, name: 'Термос', unit: 'шт', by_weight: false, quantity: '3', price: '990.00', pending: '0', sold: 4 },
    { product: 'p1', characteristic: 'c1', name: 'Термос красный', unit: 'шт', by_weight: false, quantity: '2', price: '990.00' },
    { product: 'p3', characteristic: null, name: 'Орехи', unit: 'кг', by_weight: true, quantity: '2.5', price: '1800.00', pending: '2.5' },
  ],
  cash: { change: '2000.00', collected: '0.00', to_hand_in: '2000.00', sold: '0.00', lines: [] },
})
const thermos = (quantity = '1', more: object = {}) => ({ lines: [{ product: 'p1', quantity, price: '990.00' }], payment_method: 'cash', ...more })
const quantities = (day: Day): string[] => day.backpack.map((one) => one.quantity)

describe('a sale that is not sent yet', () => {
  const sale = aRow('sale.make', thermos('2', { delivery: 'd1', receipt: true }), 's1')

  it('lowers the backpack, raises the cash and stands among the sales of today', () => {
    const day = withTrade(base, [sale])
    expect(quantities(day)).toEqual(['1', '2', '2.5'])
    expect(day.cash).toMatchObject({ to_hand_in: '3980.00', sold: '1980.00', lines: [{ id: 's1', kind: 'sale', sum: '1980.00' }] })
    expect(day.sales).toMatchObject([{ id: 's1', sum: '1980.00', receipt: true, delivery: 'd1', corrected: false, lines: [{ name: 'Термос', sum: '1980.00' }] }])
    expect(day.backpack[0]?.sold).toBe(5)
  })

  it('by card or by transfer leaves the cash as it is', () => {
    for (const payment_method of ['card', 'transfer']) {
      const day = withTrade(base, [aRow('sale.make', thermos('1', { payment_method }))])
      expect([day.cash.to_hand_in, quantities(day)[0]]).toEqual(['2000.00', '2'])
    }
  })

  it('changes nothing when the snapshot has it already', () => {
    const known = withTrade(base, [sale])
    expect(withTrade(known, [sale])).toEqual(known)
  })

  it('by weight is worth price times quantity, half up', () => {
    const day = withTrade(base, [aRow('sale.make', { lines: [{ product: 'p3', quantity: '0.333', price: '1800.05' }], payment_method: 'cash' })])
    expect([day.sales?.[0]?.sum, quantities(day)[2]]).toEqual(['599.42', '2.167'])
  })

  it('may take a balance below zero', () => expect(quantities(withTrade(base, [aRow('sale.make', thermos('4'))]))[0]).toBe('-1'))

  it('of another characteristic takes only that', () => {
    const red = { lines: [{ product: 'p1', characteristic: 'c1', quantity: '1', price: '990.00' }], payment_method: 'card' }
    expect(quantities(withTrade(base, [aRow('sale.make', red)]))).toEqual(['3', '1', '2.5'])
  })
})

describe('a correction of a sale', () => {
  const sale = aRow('sale.make', thermos('2', { delivery: 'd1' }), 's1')
  const correction = (right: object) => aRow('correction', { of: 's1', reason: 'ошибся', payload: right }, 'k1')

  it('puts the right figures in the place of the wrong ones', () => {
    const day = withTrade(base, [sale, correction(thermos('1', { payment_method: 'card' }))])
    expect([quantities(day)[0], day.cash.to_hand_in, day.cash.sold]).toEqual(['2', '2000.00', '0.00'])
    expect(day.sales).toMatchObject([{ id: 's1', sum: '990.00', payment_method: 'card', delivery: 'd1', corrected: true }])
    expect(day.cash.lines?.map((one) => [one.kind, one.sum])).toEqual([['correction', '-1980.00'], ['sale', '1980.00']])
  })

  it('without lines gives everything back', () => {
    const day = withTrade(base, [sale, correction({ lines: [], payment_method: 'cash' })])
    expect([quantities(day), day.cash.to_hand_in]).toEqual([quantities(base), '2000.00'])
  })

  it('that the snapshot has already changes nothing', () => {
    const right = correction(thermos('1'))
    const known = withTrade(base, [sale, right])
    expect(withTrade(known, [right])).toEqual(known)
  })

  it('of a sale that nobody knows here changes nothing', () => expect(withTrade(base, [correction(thermos())])).toBe(base))
})

describe('an acceptance by count', () => {
  const loaded: Day = { ...base, backpack_loads: [{ id: 'l1', document: '12', at: base.server_time, lines: [{ product: 'p3', characteristic: null, name: 'Орехи', unit: 'кг', quantity: '2.5' }] }] }
  const count = (quantity: string) => aRow('backpack.accept', { loads: ['l1'], lines: [{ product: 'p3', quantity }] })

  it('empties the loads and leaves what was counted', () => {
    for (const [found, left] of [['2.5', '2.5'], ['2', '2'], ['3', '3']] as const) {
      const day = withTrade(loaded, [count(found)])
      expect([day.backpack_loads, quantities(day)[2], day.backpack[2]?.pending]).toEqual([[], left, '0'])
    }
  })

  it('counts as found what was sold of it before', () => {
    const sale = aRow('sale.make', { lines: [{ product: 'p3', quantity: '1', price: '1800.00' }], payment_method: 'cash' })
    expect(quantities(withTrade(loaded, [sale, count('1.5')]))[2]).toBe('1.5')
  })

  it('repeated changes nothing', () => {
    const once = withTrade(loaded, [count('2')])
    expect(withTrade(once, [count('2')])).toEqual(once)
  })
})

it('keeps money and goods together over any sales and corrections', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const chance = chanceOf(seed)
    const steps: QueueRow[] = []
    for (let n = 0; n < 12; n += 1) {
      const payload = thermos(String(Math.floor(chance() * 4)), { payment_method: chance() < 0.5 ? 'cash' : 'card' })
      const made = steps.filter((row) => row.wire.type === 'sale.make')
      const of = made[Math.floor(chance() * made.length)]?.id
      steps.push(of && chance() < 0.5 ? aRow('correction', { of, reason: 'x', payload }) : aRow('sale.make', payload))
    }
    const day = withTrade(base, steps)
    const sum = (method?: string): number => (day.sales ?? []).filter((one) => !method || one.payment_method === method).reduce((all, one) => all + kopecks(one.sum), 0)
    expect(kopecks(day.cash.to_hand_in)).toBe(200_000 + sum('cash'))
    expect((3000 - signedThousandths(day.backpack[0]?.quantity ?? '0')) * 99).toBe(sum())
    expect((day.cash.lines ?? []).reduce((all, one) => all + kopecks(one.sum), 0)).toBe(sum('cash'))
  }
})
