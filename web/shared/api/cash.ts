import { call } from './client'
import type { Named } from './types'

export type CeilingState = 'none' | 'near' | 'reached'
export type CashLineKind = 'change' | 'delivery' | 'sale' | 'hand_in' | 'refund' | 'correction' | 'difference'

export interface CashCourier {
  ref: string
  name: string | null
  division: Named
  /** He pressed «Сдать» on his phone; of how much is told after the count. */
  requested: { at: string; code: string } | null
  last_hand_in: { at: string; sum: string; receiver: string | null } | null
  ceiling_state: CeilingState
}

/** A count that differs: nothing moves until it has a reason and a second name, or is counted anew. */
export interface OpenCount {
  id: string
  courier: Named
  counted: string
  expected: string
  difference: string
  at: string
  /** Who counted. */
  by: string
  /** What was counted of this hand-in before. */
  recounts: string[]
}

export interface CashCount {
  id: string
  state: 'posted' | 'needs_reason'
  counted: string
  expected: string
  /** Counted less expected: below zero there is money missing. */
  difference: string
  /** Numbers of the orders whose money is covered now. */
  settled: string[]
}

export interface CashLine {
  id: string
  at: string
  kind: CashLineKind
  /** Above zero: more in the courier's hands. */
  sum: string
  order_number: string | null
  receiver: string | null
}

export interface CourierCash {
  courier: { ref: string; name: string | null }
  to_hand_in: string
  /** What counts differ by and nobody has decided on: below zero it is missing. */
  difference: string
  /** Newest first. */
  lines: CashLine[]
}

export interface CashDesk {
  couriers: CashCourier[]
  counts: OpenCount[]
}

const post = <T>(path: string, body: unknown, key: string): Promise<T> => call('POST', `/api/v1/board/cash/${path}`, { body, key })
const count = (id: string): string => `counts/${encodeURIComponent(id)}`

/** Who hands in; nothing of what is expected. */
export const cashDesk = (signal?: AbortSignal): Promise<CashDesk> => call('GET', '/api/v1/board/cash', { signal })

/** Tells what is expected: to be read only after the money was counted. */
export const courierCash = (ref: string, signal?: AbortSignal): Promise<CourierCash> =>
  call('GET', `/api/v1/board/cash/couriers/${encodeURIComponent(ref)}`, { signal })

export const countCash = (body: { courier: string; counted: string }, key: string): Promise<CashCount> =>
  post('counts', body, key)

export const confirmCount = (id: string, body: { reason: string; second: string }, key: string): Promise<CashCount> =>
  post(`${count(id)}/confirm`, body, key)

/** The count is kept and told with the next one; its money has not moved. */
export const cancelCount = (id: string, reason: string, key: string): Promise<unknown> => post(`${count(id)}/cancel`, { reason }, key)

export const issueChange = (body: { courier: string; sum: string }, key: string): Promise<unknown> => post('change', body, key)

export type DifferenceDecision = 'shortage' | 'surplus'
export interface DifferenceBody { decision: DifferenceDecision; sum: string; reason: string; second?: string }

export const decideDifference = (courier: string, body: DifferenceBody, key: string): Promise<unknown> =>
  post(`differences/${encodeURIComponent(courier)}`, body, key)

export const correctCash = (body: { event: string; sum: string; reason: string; second?: string }, key: string): Promise<unknown> =>
  post('corrections', body, key)
