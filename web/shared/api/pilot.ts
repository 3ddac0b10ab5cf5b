import { call } from './client'

export type Mode = 'off' | 'shadow' | 'pilot' | 'live'

export interface Check { key: string; state: 'ok' | 'warn' | 'stop'; title: string; text: string }

/** One gate on one day. fine null: there are no data. */
export interface Gate {
  key: string
  title: string
  day: string
  value: number | null
  limit: number | null
  fine: boolean | null
  why: string
  cases: string
}

export interface PilotCourier { ref: string; name: string | null; active: boolean; mapped: boolean; chosen: boolean }
export interface TrialOrder { order_ref: string; order_number: string | null; delivery: string | null; stage: string | null }

export interface PilotDivision {
  ref: string
  name: string
  version: number
  mode: Mode
  source: 'file' | 'page'
  since: string | null
  by: string | null
  next: Mode
  may_switch: boolean
  why_not: readonly string[]
  checklist: readonly Check[]
  couriers: readonly PilotCourier[]
  trial_orders: readonly TrialOrder[]
  gates: readonly Gate[]
}

export interface Pilot { divisions: readonly PilotDivision[]; gate_days: number; status_chat: boolean }
export interface Plan { tell: number; hold: number; release: number; join: number }

export interface Switched {
  done: boolean
  version: number
  mode: Mode
  was: Mode
  may_switch: boolean
  checklist: readonly Check[]
  plan: Plan
}

export interface ShadowExample { at: string; event_id: string; order_number: string | null; bytes: number; body: unknown }
export interface ShadowKind {
  type: string
  destination: string
  title: string
  method: string
  n: number
  trial: number
  bytes: number
  first_at: string
  last_at: string
  examples: readonly ShadowExample[]
}
export interface Shadow { since: string; until: string; total: number; kinds: readonly ShadowKind[] }

export interface WeekLine { key: string; title: string; shown: string; shown_earlier: string; fine: boolean | null }
export interface WeekSwitch { division: string; at: string; who: string; reason: string; before: Mode; after: Mode }
export interface Week {
  about: string | null
  first: string
  last: string
  lines: readonly WeekLine[]
  stands: readonly { division: string; mode: Mode; red: number | null }[]
  switches: readonly WeekSwitch[]
  markdown: string
}

const ADMIN = '/api/v1/admin'
const of = (ref: string): string => `${ADMIN}/pilot/${encodeURIComponent(ref)}`

export const pilot = (signal?: AbortSignal): Promise<Pilot> => call('GET', `${ADMIN}/pilot`, { signal })

/** What a switch would do and what speaks against it; nothing is changed. */
export const look = (ref: string, mode: Mode, signal?: AbortSignal): Promise<Switched> =>
  call('POST', `${of(ref)}/mode`, { body: { mode, dry_run: true }, signal })

export const switchMode = (
  ref: string, body: { mode: Mode; reason: string; version: number; force: boolean }, key: string,
): Promise<Switched> => call('POST', `${of(ref)}/mode`, { body, key })

export const changeCouriers = (
  ref: string, body: { add: readonly string[]; remove: readonly string[]; reason: string; version: number }, key: string,
): Promise<Switched> => call('POST', `${of(ref)}/couriers`, { body, key })

export const markTrial = (
  order: string, trial: boolean, reason: string, key: string,
): Promise<{ order_ref: string; order_number: string; trial: boolean }> =>
  call('POST', `${ADMIN}/pilot/orders`, { body: { order, trial, reason }, key })

export const shadow = (days: { from: string; to: string }, division: string, signal?: AbortSignal): Promise<Shadow> =>
  call('GET', `${ADMIN}/shadow`, { query: { ...days, division }, signal })

export const week = (division: string, to: string, signal?: AbortSignal): Promise<Week> =>
  call('GET', `${ADMIN}/week`, { query: { division, to }, signal })

export const sendWeek = (division: string, last: string, key: string): Promise<{ sent: boolean; chat: string }> =>
  call('POST', `${ADMIN}/week/send`, { body: { division: division || null, last }, key })
