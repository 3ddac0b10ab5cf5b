import { kopecks } from '@shared/kit/money'
import { thousandths } from '@shared/kit/quantity'
import { describe, expect, it } from 'vitest'

import type { DayRow, QueueRow } from './database'
import { isContained, project, withSteps } from './project'
import { aDay, aDelivery, aLine, chanceOf } from './testing/world'
import type { Delivery, EventType } from './types'

let order = 0
const aRow = (type: EventType, payload: Record<string, unknown> = {}, over: Partial<QueueRow> = {}): QueueRow => {
  const id = over.id ?? `e${++order}`
  const delivery = over.delivery === undefined ? 'd1' : over.delivery
  return {
    id, order: ++order, seq: 0, courier: 'c', device: 'p', delivery, order_number: null, state: 'held', held_until: null,
    tries: 0, code: null, message: null, photo_faults: {}, done_at: null, tick: 0, draft: null,
    wire: {
      id, type, at_device: '2026-11-22T08:00:00.000Z', tz: '', mono_ms: 0, clock_offset_ms: 0, photos: [],
      rules_version: 'r1', payload, ...(delivery ? { delivery } : {}),
    }, ...over,
  }
}

const aBase = (delivery: Partial<Delivery> = {}, over: Partial<DayRow> = {}): DayRow => ({
  courier: 'c', etag: null, at: 0, tick: 5, kept: [], day: aDay({ deliveries: [aDelivery(delivery)] }), ...over,
})

const after = (rows: QueueRow[], delivery: Partial<Delivery> = {}): Delivery => {
  const [only] = project(aBase(delivery), rows).deliveries
  if (!only) throw new Error('gone')
  return only
}

const picked = aRow('delivery.pick_up')
const two = { lines: [aLine(), aLine({ line: '2', quantity: '1.5', price: '800.00', sum: '1200.00' })], goods: '3180.00', amount_due: '3480.00' }

describe('a step that is not sent yet', () => {
  it('«Забрал» puts the goods into his hands, as many as he counted', () => {
    const one = after([aRow('delivery.pick_up', { lines: [{ line: '2', quantity: '1.25' }] })], two)
    expect(one).toMatchObject({ stage: 'picked_up', goods_out: true, times: { picked_up_at: '2026-11-22T08:00:00.000Z' } })
    expect(one.lines.map((line) => [line.picked, line.carried])).toEqual([['2', '2'], ['1.25', '1.25']])
  })

  it('«В пути» follows it', () => expect(after([picked, aRow('delivery.depart')]).stage).toBe('en_route'))

  it('«Отдал» of everything leaves nothing with him', () => {
    const paid = { amount_taken: '2280.00', payment_method: 'cash' }
    const one = after([picked, aRow('delivery.hand_over', paid)])
    expect(one).toMatchObject({ stage: 'handed_over', goods_out: false, amount_due: '2280.00', amount_taken: '2280.00', payment_method: 'cash' })
  })

  it('«Отдал» with a refusal lowers the amount due and leaves the rest with him', () => {
    const part = { lines: [{ line: '2', accepted: 0.5 }], amount_taken: 2680, payment_method: 'card' }
    const one = after([picked, aRow('delivery.hand_over', part)], two)
    expect(one).toMatchObject({ goods_out: true, amount_due: '2680.00', amount_taken: '2680.00' })
    expect(one.lines[1]).toMatchObject({ accepted: '0.5', refused: '1', carried: '1' })
  })

  it('«Отдал» with an amount set by hand lowers that by what was refused', () => {
    const part = { lines: [{ line: '2', accepted: '0' }], amount_taken: '800', payment_method: 'cash' }
    expect(after([picked, aRow('delivery.hand_over', part)], { ...two, amount_due: '2000.00', amount_due_by_hand: true }).amount_due).toBe('800.00')
  })

  it('«Не вручил» tells why and when again; «Ещё раз» starts anew with the goods in hand', () => {
    const failed = aRow('delivery.not_deliver', { reason: 'no_one', comment: 'Домофон молчит', next_date: '2026-11-23' })
    expect(after([picked, failed])).toMatchObject({
      stage: 'not_delivered', reason: 'no_one', reason_comment: 'Домофон молчит', next_date: '2026-11-23', goods_out: true,
    })
    expect(after([picked, failed, aRow('delivery.retry')])).toMatchObject({ stage: 'picked_up', reason: null, retries: 1 })
  })

  it('«Несу назад» is a claim: the goods stay his until the warehouse has counted', () => {
    const one = after([picked, aRow('delivery.not_deliver', { reason: 'no_one' }), aRow('delivery.give_back')])
    expect(one).toMatchObject({ claimed_back: true, goods_out: true, stage: 'not_delivered' })
  })

  it('a return by the customer brings goods back into his hands', () => {
    const handed = aRow('delivery.hand_over', { amount_taken: '2280.00', payment_method: 'cash' })
    const one = after([picked, handed, aRow('delivery.customer_return', { lines: [{ line: '1', quantity: '1' }], refund: '990.00' })])
    expect(one).toMatchObject({ stage: 'handed_over', goods_out: true })
    expect(one.lines[0]).toMatchObject({ returned: '1', carried: '1' })
    const rest = aRow('delivery.customer_return', { lines: [{ line: '1', quantity: '1' }] })
    expect(withSteps(one, [rest], []).stage).toBe('returned')
  })

  it('that was rejected changes nothing', () => expect(after([aRow('delivery.pick_up', {}, { state: 'rejected' })]).stage).toBe('ready'))
})

describe('a correction', () => {
  const handed = aRow('delivery.hand_over', { amount_taken: '3480.00', payment_method: 'cash' }, { id: 'wrong' })
  const right = { lines: [{ line: '1', accepted: '1' }], amount_taken: '2490.00', payment_method: 'transfer', reference: '77' }

  it('of «Отдал» puts the right figures in place of the wrong ones', () => {
    const one = after([picked, handed, aRow('correction', { of: 'wrong', reason: 'Ошибся', payload: right })], two)
    expect(one).toMatchObject({ stage: 'handed_over', amount_due: '2490.00', amount_taken: '2490.00', payment_method: 'transfer', reference: '77', goods_out: true })
    expect(one.lines[0]).toMatchObject({ accepted: '1', refused: '1', carried: '1' })
  })

  it('of a step that this phone has forgotten is known by its figures', () => {
    const one = after([picked, handed], two)
    expect(withSteps(one, [aRow('correction', { of: 'old', payload: right })], []).payment_method).toBe('transfer')
  })

  it('back to the whole order brings the amount set by hand back whole', () => {
    const byHand = { ...two, amount_due: '2000.00', amount_due_by_hand: true }
    const part = aRow('delivery.hand_over', { lines: [{ line: '2', accepted: '0' }], amount_taken: '800', payment_method: 'cash' }, { id: 'part' })
    const whole = aRow('correction', { of: 'part', payload: { amount_taken: '2000', payment_method: 'cash' } })
    expect(after([picked, part, whole], byHand).amount_due).toBe('2000.00')
  })

  it('of «Забрал» and «Не вручил» holds while they do', () => {
    const less = aRow('correction', { of: picked.id, payload: { lines: [{ line: '1', quantity: '1' }] } })
    expect(after([picked, less]).lines[0]).toMatchObject({ picked: '1', carried: '1' })
    const failed = aRow('delivery.not_deliver', { reason: 'no_one' })
    expect(after([picked, failed, aRow('correction', { of: failed.id, payload: { reason: 'moved' } })]).reason).toBe('moved')
  })
})

describe('facts against the office', () => {
  it('goods of a cancelled order that he carries can be handed over', () => {
    const carried = { stage: 'cancelled' as const, goods_out: true, lines: [aLine({ picked: '2', carried: '2' })] }
    expect(after([aRow('delivery.hand_over', { amount_taken: '2280', payment_method: 'cash' })], carried).stage).toBe('handed_over')
  })

  it('an order cancelled before he picked it up stays cancelled with the goods in his hands', () => {
    expect(after([picked], { stage: 'cancelled' })).toMatchObject({ stage: 'cancelled', goods_out: true })
  })

  it('a delivery that left the snapshot stays visible while a step on it is not sent', () => {
    const kept = [aDelivery({ id: 'gone', stage: 'picked_up', goods_out: true, lines: [aLine({ picked: '2', carried: '2' })] })]
    const base = aBase({}, { kept })
    const waiting = aRow('delivery.hand_over', { amount_taken: '2280', payment_method: 'cash' }, { delivery: 'gone', state: 'waiting', seq: 9 })
    expect(project(base, [waiting]).deliveries.map((one) => [one.id, one.stage])).toEqual([['d1', 'ready'], ['gone', 'handed_over']])
    expect(project(base, [{ ...waiting, state: 'accepted', tick: 5 }]).deliveries).toHaveLength(1)
  })
})

describe('an accepted step', () => {
  it('stays applied until a snapshot contains it', () => {
    const accepted = aRow('delivery.pick_up', {}, { state: 'accepted', seq: 1, tick: 6 })
    expect(isContained(accepted, aBase())).toBe(false)
    expect(isContained(accepted, aBase({}, { tick: 6 }))).toBe(true)
    expect(after([accepted]).stage).toBe('picked_up')
  })

  it('whose answer was lost is contained by the server’s own count', () => {
    const day = aDay({ device: { whole_to: 3, last_seq: 5, missing: [4] } })
    const at = (seq: number): boolean => isContained(aRow('delivery.depart', {}, { state: 'waiting', seq }), { tick: 0, day })
    expect([at(3), at(4), at(5)]).toEqual([true, false, false])
  })
})

describe('shift and cash', () => {
  const opened = aRow('shift.open', { cash: '2000.00', goods: [] }, { delivery: null })

  it('count at once what he took and what he counted', () => {
    const handed = aRow('delivery.hand_over', { amount_taken: '2280.00', payment_method: 'cash' })
    const { day } = project(aBase(), [opened, picked, handed])
    expect(day.shift).toEqual({ id: opened.id, opened_at: '2026-11-22T08:00:00.000Z', change: '2000.00' })
    expect(day.cash).toMatchObject({ change: '2000.00', collected: '2280.00', to_hand_in: '4280.00' })
  })

  it('lose what he gave back in cash', () => {
    const handed = aRow('delivery.hand_over', { amount_taken: '2280.00', payment_method: 'cash' })
    const back = aRow('delivery.customer_return', { lines: [{ line: '1', quantity: '1' }], refund: '990.00' })
    expect(project(aBase(), [picked, handed, back]).day.cash).toMatchObject({ change: '0.00', collected: '0.00', to_hand_in: '1290.00' })
  })

  it('take no account of money that never was in his hands', () => {
    const byCard = aRow('delivery.hand_over', { amount_taken: '2280.00', payment_method: 'card' })
    expect(project(aBase(), [picked, byCard]).day.cash.to_hand_in).toBe('0.00')
  })

  it('end with the shift', () => expect(project(aBase(), [opened, aRow('shift.close', {}, { delivery: null })]).day.shift).toBeNull())
})

describe('for any steps in any order', () => {
  const TYPES: EventType[] = [
    'delivery.pick_up', 'delivery.depart', 'delivery.hand_over', 'delivery.not_deliver', 'delivery.retry', 'delivery.give_back',
    'delivery.customer_return', 'correction',
  ]

  function anyRows(chance: () => number): QueueRow[] {
    const rows: QueueRow[] = []
    const quantity = (): string => String(Math.floor(chance() * 9) / 4)
    for (let n = 2 + chance() * 10; n > 0; n -= 1) {
      const type = TYPES[Math.floor(chance() * TYPES.length)] ?? 'correction'
      const lines = chance() < 0.5 ? [{ line: String(1 + Math.floor(chance() * 2)), quantity: quantity(), accepted: quantity() }] : undefined
      const figures = { lines, amount_taken: String(Math.floor(chance() * 3000)), payment_method: chance() < 0.5 ? 'cash' : 'card', reason: 'no_one' }
      const of = rows[Math.floor(chance() * rows.length)]?.id
      rows.push(aRow(type, type === 'correction' ? { of, payload: figures } : figures))
    }
    return rows
  }

  it('quantities stay possible and add up', () => {
    for (let seed = 1; seed <= 400; seed += 1) {
      const one = after(anyRows(chanceOf(seed)), two)
      for (const line of one.lines) {
        const of = (key: 'picked' | 'accepted' | 'refused' | 'carried' | 'returned' | 'quantity'): number => thousandths(line[key])
        expect(of('carried')).toBe(of('picked') - of('accepted') + of('returned'))
        expect(of('picked')).toBeLessThanOrEqual(of('quantity'))
      }
      expect(kopecks(one.amount_due)).toBeGreaterThanOrEqual(0)
      expect(one.goods_out).toBe(one.lines.some((line) => line.carried !== '0'))
    }
  })

  it('it is the same whether the snapshot contains the first steps or the phone applies them', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const chance = chanceOf(seed)
      const rows = anyRows(chance)
      const cut = Math.floor(chance() * (rows.length + 1))
      const whole = withSteps(aDelivery(two), rows, rows)
      expect(withSteps(withSteps(aDelivery(two), rows.slice(0, cut), rows), rows.slice(cut), rows)).toEqual(whole)
    }
  })

  it('a step that the snapshot has already changes nothing more (a lost answer), but for a return', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const rows = anyRows(chanceOf(seed)).filter((row) => row.wire.type !== 'delivery.customer_return')
      const whole = withSteps(aDelivery(two), rows, rows)
      const last = rows.at(-1)
      if (last && last.wire.type !== 'delivery.retry') expect(withSteps(whole, [last], rows)).toEqual(whole)
    }
  })
})
