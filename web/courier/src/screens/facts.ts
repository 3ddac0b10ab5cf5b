/** What the screens say of a delivery: where it stands, what can be done next, what it costs. Pure. */

import type { Day, Delivery, Level, Line, Proof, Rules, StepName } from '@courier/engine'
import { dueForKop, partOfSumKop, type Due } from '@shared/delivery/due'
import { kopecks } from '@shared/kit/money'
import { formatQuantity, thousandths } from '@shared/kit/quantity'

export type Levels = Record<Proof, Level>
export const PROOFS: readonly Proof[] = ['photo', 'position', 'amount', 'items', 'code']

/** A sheet that asks for no proof. */
export const NO_PROOFS = Object.fromEntries(PROOFS.map((proof) => [proof, 'off'])) as Levels

export const rulesOf = (day: Day | null, division: string): Rules | null => day?.rules[division] ?? null
export const zoneOf = (day: Day | null, division: string): string => rulesOf(day, division)?.time_zone ?? day?.time_zone ?? 'Europe/Moscow'

/** What the rules do not name is not asked. */
export function levelsOf(rules: Rules | null, step: StepName): Levels {
  const said = rules?.proofs[step] ?? {}
  return Object.fromEntries(PROOFS.map((proof) => [proof, said[proof] ?? 'off'])) as Levels
}

export const needsSheet = (levels: Levels): boolean => PROOFS.some((proof) => levels[proof] === 'required' || levels[proof] === 'warn')

const UNDER_WAY = ['ready', 'picked_up', 'en_route']
export const isActive = (one: Delivery): boolean => one.mine && UNDER_WAY.includes(one.stage)
export const toCarryBack = (one: Delivery): boolean => !isActive(one) && one.goods_out
export const isDone = (one: Delivery): boolean => !isActive(one) && !one.goods_out

export interface Actions {
  main: StepName | null
  side: StepName | null
  quiet: StepName[]
}

const NOTHING: Actions = { main: null, side: null, quiet: [] }

/** The next step is the main one; the side one is smaller. The server knows the same arrows. */
export function actionsOf(one: Delivery): Actions {
  const back = one.goods_out && !one.claimed_back ? 'give_back' : null
  if (!one.mine) return { ...NOTHING, main: back }
  switch (one.stage) {
    case 'ready': return { ...NOTHING, main: 'pick_up' }
    case 'picked_up': return { main: 'depart', side: 'not_deliver', quiet: ['hand_over'] }
    case 'en_route': return { main: 'hand_over', side: 'not_deliver', quiet: [] }
    case 'not_delivered': return { main: 'retry', side: back, quiet: [] }
    case 'handed_over':
    case 'settled': return { main: back, side: null, quiet: one.lines.some((line) => keptMilli(line) > 0) ? ['customer_return'] : [] }
    default: return { ...NOTHING, main: back }
  }
}

export const keptMilli = (line: Line): number => thousandths(line.accepted) - thousandths(line.returned)
export const handedOver = (one: Delivery): boolean => one.times.handed_over_at !== null

export function dueOf(one: Delivery): Due {
  const lines = one.lines.map((line) => ({ line: line.line, quantityMilli: thousandths(line.quantity), sumKop: kopecks(line.sum) }))
  return { lines, deliveryKop: kopecks(one.delivery_price), prepaidKop: kopecks(one.prepaid), byHandKop: one.amount_due_by_hand ? wholeByHandKop(one) : null }
}

/** Is there money to take or taken? Not of what was cancelled or went to another courier. */
export const hasMoney = (one: Delivery): boolean => handedOver(one) || (one.mine && [...UNDER_WAY, 'not_delivered'].includes(one.stage))

/** After the hand-over the amount due is for what was accepted; by hand it was set for the whole order. */
function wholeByHandKop(one: Delivery): number {
  if (!handedOver(one)) return kopecks(one.amount_due)
  const refusedKop = one.lines.reduce((sum, line) => sum + kopecks(line.sum) - partKop(line, thousandths(line.accepted)), 0)
  return kopecks(one.amount_due) + refusedKop
}

export const partKop = (line: Line, milli: number): number => partOfSumKop(kopecks(line.sum), milli, thousandths(line.quantity))
export const dueForAccepted = (one: Delivery, accepted: (line: string) => number): number => dueForKop(dueOf(one), accepted)

/** «2 шт», «1,25 кг». */
export const amountText = (milli: number, unit: string): string => `${formatQuantity(milli)}\u202f${unit}`

export const isLate = (one: Delivery, now: number): boolean => isActive(one) && one.window !== null && Date.parse(one.window.to) < now

/** By the time promised, then by number: the list keeps its order while steps are done. */
export function byWindow(a: Delivery, b: Delivery): number {
  const [from, to] = [a.window?.from ?? '9', b.window?.from ?? '9']
  return from < to ? -1 : from > to ? 1 : a.order.number < b.order.number ? -1 : 1
}

/** What he holds now; the engine has counted his unsent steps in it. */
export const toHandInKop = (day: Day): number => kopecks(day.cash.to_hand_in)
