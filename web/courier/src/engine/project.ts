/**
 * What the screens show: the snapshot with the own steps that it does not contain yet, by the rules of the server
 * (domain/delivery_courier.py, delivery_after.py, delivery_correct.py). Pure.
 *
 * An accepted step stays applied until a snapshot contains it, so that nothing jumps back between the answer to the
 * step and the next reading of the day. A rejected one has no effect. Every effect but `customer_return` may meet a
 * delivery that has it already (an answer was lost, the snapshot came first) and then changes nothing.
 */

import { dueForKop, partOfSumKop } from '@shared/delivery/due'
import { kopecks, moneyText, parseMoney } from '@shared/kit/money'
import { parseQuantity, quantityText, thousandths } from '@shared/kit/quantity'

import type { DayRow, QueueRow } from './database'
import { newestFirst, withTrade } from './trade'
import type { CashLine, Day, Delivery, Line, Shift, Stage } from './types'

type Payload = Record<string, unknown>
type Quantities = Map<string, number>

/**
 * Does the snapshot know the outcome of this event? By the order of answers, or by the server's own count, which may be
 * ahead of the answer: that was lost, is still on its way, or came while the snapshot did.
 */
export function isContained(row: QueueRow, { tick, day }: Pick<DayRow, 'tick' | 'day'>): boolean {
  const answered = row.state === 'accepted' && row.tick <= tick
  return answered || (row.seq > 0 && row.seq <= (day.device?.whole_to ?? 0))
}

export const isApplied = (row: QueueRow, day: Pick<DayRow, 'tick' | 'day'>): boolean =>
  row.state !== 'rejected' && !isContained(row, day)

/** Deliveries of the snapshot and those kept beside it, with the steps applied; rows in the order of acts. */
export function project(base: DayRow, rows: readonly QueueRow[]): { deliveries: Delivery[]; day: Day } {
  const steps = rows.filter((row) => isApplied(row, base))
  const there = new Set(base.day.deliveries.map((one) => one.id))
  const kept = base.kept.filter((one) => !there.has(one.id) && steps.some((row) => row.delivery === one.id))
  const before = [...base.day.deliveries, ...kept]
  const deliveries = before.map((one) => withSteps(one, steps.filter((row) => row.delivery === one.id), rows))
  const money = cashOf(base.day, before, deliveries, steps)
  const day = { ...base.day, deliveries, shift: shiftOf(base.day.shift, steps), cash: money }
  return { deliveries, day: withTrade(day, steps) }
}

/** all: where a correction finds what it corrects. */
export const withSteps = (delivery: Delivery, steps: readonly QueueRow[], all: readonly QueueRow[]): Delivery =>
  steps.reduce((after, row) => withStep(after, row, all), delivery)

function withStep(delivery: Delivery, row: QueueRow, all: readonly QueueRow[]): Delivery {
  const { type, payload, at_device: at } = row.wire
  if (type === 'correction') return corrected(delivery, payload, all)
  return EFFECTS[type]?.(delivery, payload, at) ?? delivery
}

type Effect = (delivery: Delivery, payload: Payload, at: string) => Delivery
const EFFECTS: Partial<Record<string, Effect>> = {
  'delivery.pick_up': pickUp,
  'delivery.depart': depart,
  'delivery.hand_over': handOver,
  'delivery.not_deliver': notDeliver,
  'delivery.retry': retry,
  'delivery.give_back': (delivery) => (delivery.goods_out ? { ...delivery, claimed_back: true } : delivery),
  'delivery.customer_return': customerReturn,
}

const UNDER_WAY: readonly Stage[] = ['picked_up', 'en_route']
const isUnderWay = (delivery: Delivery): boolean => UNDER_WAY.includes(delivery.stage)
const at_ = (delivery: Delivery, when: Partial<Delivery['times']>): Delivery['times'] => ({ ...delivery.times, ...when })

function pickUp(delivery: Delivery, payload: Payload, at: string): Delivery {
  const late = delivery.stage === 'cancelled' && !delivery.goods_out
  if (delivery.stage !== 'ready' && !late) return delivery
  const named = quantities(payload.lines, 'quantity')
  // Goods that another courier still has change hands as they are.
  const lines = delivery.goods_out ? delivery.lines : delivery.lines.map((line) => pickedLine(line, named))
  const stage = late ? delivery.stage : 'picked_up'
  return withLines({ ...delivery, stage, mine: true, times: at_(delivery, { picked_up_at: at }) }, lines)
}

function pickedLine(line: Line, named: Quantities): Line {
  const picked = quantityText(Math.min(named.get(line.line) ?? thousandths(line.quantity), thousandths(line.quantity)))
  return { ...line, picked, carried: picked, accepted: '0', refused: '0', returned: '0' }
}

function depart(delivery: Delivery, _payload: Payload, at: string): Delivery {
  if (delivery.stage === 'picked_up') return { ...delivery, stage: 'en_route', times: at_(delivery, { departed_at: at }) }
  const meanwhile = delivery.goods_out && ['cancelled', 'ready'].includes(delivery.stage)
  return meanwhile ? { ...delivery, times: at_(delivery, { departed_at: at }) } : delivery
}

function handOver(delivery: Delivery, payload: Payload, at: string): Delivery {
  if (delivery.times.handed_over_at) return delivery
  // Facts win: what he carries he may have given away although the office cancelled or planned anew.
  if (!isUnderWay(delivery) && !delivery.goods_out) return delivery
  const named = quantities(payload.lines, 'accepted')
  const after = withLines(delivery, delivery.lines.map((line) => givenLine(line, named, thousandths(line.carried))))
  return { ...paid(after, delivery, payload), stage: 'handed_over', times: at_(delivery, { handed_over_at: at }) }
}

/** could: what he had of it at the door. Of the rest the courier is left with as much as the customer refused. */
function givenLine(line: Line, named: Quantities, could: number): Line {
  const accepted = Math.min(named.get(line.line) ?? could, could)
  const carried = thousandths(line.carried) + thousandths(line.accepted) - accepted
  return { ...line, accepted: quantityText(accepted), refused: quantityText(could - accepted), carried: quantityText(carried) }
}

function paid(delivery: Delivery, before: Delivery, payload: Payload): Delivery {
  const accepted = new Map(delivery.lines.map((line) => [line.line, thousandths(line.accepted)]))
  return {
    ...delivery,
    amount_due: moneyText(dueKop(before, accepted)),
    amount_taken: moneyText(sum(payload.amount_taken)),
    payment_method: text(payload.payment_method) ?? delivery.payment_method,
    reference: text(payload.reference),
  }
}

function notDeliver(delivery: Delivery, payload: Payload): Delivery {
  return isUnderWay(delivery) ? { ...delivery, stage: 'not_delivered', ...why(payload) } : delivery
}

const why = (payload: Payload): Pick<Delivery, 'reason' | 'reason_comment' | 'next_date'> => ({
  reason: text(payload.reason),
  reason_comment: text(payload.comment),
  next_date: text(payload.next_date),
})

function retry(delivery: Delivery, payload: Payload): Delivery {
  if (delivery.stage !== 'not_delivered') return delivery
  const again = { reason: null, reason_comment: null, next_date: text(payload.next_date), retries: delivery.retries + 1 }
  const stage: Stage = delivery.mine && delivery.goods_out ? 'picked_up' : 'ready'
  return { ...delivery, ...again, stage, times: at_(delivery, { departed_at: null }) }
}

function customerReturn(delivery: Delivery, payload: Payload): Delivery {
  if (!['handed_over', 'settled'].includes(delivery.stage)) return delivery
  const named = quantities(payload.lines, 'quantity')
  const lines = delivery.lines.map((line) => returnedLine(line, named.get(line.line) ?? 0))
  const kept = lines.some((line) => thousandths(line.accepted) > thousandths(line.returned))
  return withLines({ ...delivery, stage: kept ? delivery.stage : 'returned' }, lines)
}

function returnedLine(line: Line, asked: number): Line {
  const back = Math.min(asked, thousandths(line.accepted) - thousandths(line.returned))
  const plus = (quantity: string): string => quantityText(thousandths(quantity) + back)
  return { ...line, returned: plus(line.returned), carried: plus(line.carried) }
}

/** The right figures in the place of those of an earlier step; the stage stays. */
function corrected(delivery: Delivery, payload: Payload, all: readonly QueueRow[]): Delivery {
  const right = (payload.payload ?? {}) as Payload
  switch (all.find((row) => row.id === payload.of)?.wire.type ?? typeBy(right)) {
    case 'delivery.hand_over':
      return delivery.times.handed_over_at ? handedOverAnew(delivery, right) : delivery
    case 'delivery.not_deliver':
      return delivery.stage === 'not_delivered' ? { ...delivery, ...why(right) } : delivery
    case 'delivery.pick_up':
      return isUnderWay(delivery) ? pickedAnew(delivery, right) : delivery
    default:
      return delivery
  }
}

/** The corrected step is older than what this phone keeps: its figures tell what it was. */
const typeBy = (right: Payload): string => ('amount_taken' in right ? 'delivery.hand_over' : 'reason' in right ? 'delivery.not_deliver' : 'delivery.pick_up')

function handedOverAnew(delivery: Delivery, right: Payload): Delivery {
  const named = quantities(right.lines, 'accepted')
  const lines = delivery.lines.map((line) => givenLine(line, named, thousandths(line.accepted) + thousandths(line.refused)))
  const after = paid(withLines(delivery, lines), delivery, right)
  // Settled because there was no cash in it, and now there is some.
  const open = after.stage === 'settled' && cashTakenKop(after) > 0
  return open ? { ...after, stage: 'handed_over', times: at_(after, { settled_at: null }) } : after
}

function pickedAnew(delivery: Delivery, right: Payload): Delivery {
  const named = quantities(right.lines, 'quantity')
  return withLines(delivery, delivery.lines.map((line) => pickedLine(line, named)))
}

function withLines(delivery: Delivery, lines: Line[]): Delivery {
  return { ...delivery, lines, goods_out: lines.some((line) => thousandths(line.carried) > 0) }
}

/** By the shared rule. After the hand-over `amount_due` is for what was accepted: set by hand it was more by the rest. */
function dueKop(delivery: Delivery, accepted: ReadonlyMap<string, number>): number {
  const lines = delivery.lines.map((one) => ({ line: one.line, quantityMilli: thousandths(one.quantity), sumKop: kopecks(one.sum) }))
  const sumOf = (milli: (line: Line) => number): number =>
    delivery.lines.reduce((total, one) => total + partOfSumKop(kopecks(one.sum), milli(one), thousandths(one.quantity)), 0)
  const refused = delivery.times.handed_over_at
    ? sumOf((one) => thousandths(one.quantity)) - sumOf((one) => thousandths(one.accepted))
    : 0
  return dueForKop(
    {
      lines,
      deliveryKop: kopecks(delivery.delivery_price),
      prepaidKop: kopecks(delivery.prepaid),
      byHandKop: delivery.amount_due_by_hand ? kopecks(delivery.amount_due) + refused : null,
    },
    (line) => accepted.get(line) ?? 0,
  )
}

function shiftOf(known: Shift | null, steps: readonly QueueRow[]): Shift | null {
  return steps.reduce<Shift | null>((shift, { id, wire }) => {
    if (wire.type === 'shift.close') return null
    if (wire.type !== 'shift.open' || shift) return shift
    return { id, opened_at: wire.at_device, change: moneyText(sum(wire.payload.cash)) }
  }, known)
}

/** «К сдаче» grows with what he took in cash just now; the change he counted is in it from the start of the shift. */
function cashOf(day: Day, before: Delivery[], after: Delivery[], steps: readonly QueueRow[]): Day['cash'] {
  const taken = after.reduce((total, one, index) => total + cashTakenKop(one) - cashTakenKop(before[index]), 0)
  const inCash = new Set(after.filter((one) => one.payment_method === 'cash').map((one) => one.id))
  const returns = steps.filter((row) => row.wire.type === 'delivery.customer_return' && inCash.has(row.delivery ?? ''))
  const refunds = returns.reduce((total, row) => total + sum(row.wire.payload.refund), 0)
  const opened = day.shift ? undefined : steps.find((row) => row.wire.type === 'shift.open')
  const change = opened ? sum(opened.wire.payload.cash) : 0
  const inShift = day.shift || opened ? taken : 0
  const { cash } = day
  return {
    ...cash,
    lines: newestFirst([...takenNow(before, after, steps), ...returns.flatMap(refundLine), ...(cash.lines ?? [])]),
    change: moneyText(kopecks(cash.change) + change),
    collected: moneyText(kopecks(cash.collected) + inShift),
    to_hand_in: moneyText(kopecks(cash.to_hand_in) + taken - refunds + change),
  }
}

/** What the steps that are not in the snapshot did to the cash, one line for each delivery. */
function takenNow(before: Delivery[], after: Delivery[], steps: readonly QueueRow[]): CashLine[] {
  return after.flatMap((one, index) => {
    const [kop, row] = [cashTakenKop(one) - cashTakenKop(before[index]), steps.filter((step) => step.delivery === one.id).at(-1)]
    if (!kop || !row) return []
    return [{ id: row.id, at: row.wire.at_device, kind: 'delivery', sum: moneyText(kop), order_number: one.order.number, receiver: null }]
  })
}

function refundLine({ id, wire, order_number }: QueueRow): CashLine[] {
  const kop = sum(wire.payload.refund)
  return kop ? [{ id, at: wire.at_device, kind: 'refund', sum: moneyText(-kop), order_number, receiver: null }] : []
}

const cashTakenKop = (delivery: Delivery | undefined): number =>
  delivery?.payment_method === 'cash' && delivery.amount_taken !== null ? kopecks(delivery.amount_taken) : 0

function quantities(lines: unknown, key: 'quantity' | 'accepted'): Quantities {
  const named = Array.isArray(lines) ? (lines as Payload[]) : []
  const pairs = named.map((line): [string, number | null] => [String(line.line), parseQuantity(String(line[key] ?? line.quantity))])
  return new Map(pairs.filter((pair): pair is [string, number] => pair[1] !== null))
}

const sum = (value: unknown): number => parseMoney(String(value ?? '0')) ?? 0
const text = (value: unknown): string | null => (typeof value === 'string' && value ? value : null)
