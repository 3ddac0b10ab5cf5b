/** What is on him in cash and how near the ceiling is. Pure. */

import type { CashLine, Day, QueueItem } from '@courier/engine'
import { kopecks } from '@shared/kit/money'

import { rulesOf } from '../facts'

export type CeilingState = 'none' | 'near' | 'reached'

export function ceilingOf(day: Day): number | null {
  const text = day.cash.ceiling ?? rulesOf(day, day.courier.division)?.cash_ceiling ?? null
  return text === null ? null : kopecks(text)
}

/** He sees it coming at four fifths; his unsent steps count, so it is not the server's word alone. */
export function ceilingState(kop: number, ceilingKop: number | null): CeilingState {
  if (ceilingKop === null || ceilingKop <= 0) return 'none'
  return kop >= ceilingKop ? 'reached' : kop * 5 >= ceilingKop * 4 ? 'near' : 'none'
}

/** The newest wish to hand in that still stands: on its way, or with the cashier's code. */
export function askedOf(day: Day, items: readonly QueueItem[]): QueueItem | null {
  const newest = items.find((one) => one.type === 'cash.hand_in_request' && one.state !== 'rejected')
  if (!newest) return null
  // Counted since: the line of the hand-in is younger than the wish.
  const counted = linesOf(day).some((one) => one.kind === 'hand_in' && Date.parse(one.at) > Date.parse(newest.at_device))
  return counted || (newest.state === 'accepted' && !isToday(day, newest)) ? null : newest
}

const isToday = (day: Day, item: QueueItem): boolean =>
  new Intl.DateTimeFormat('en-CA', { timeZone: day.time_zone }).format(new Date(item.at_device)) === day.day

export const linesOf = (day: Day | null): CashLine[] => day?.cash.lines ?? []
