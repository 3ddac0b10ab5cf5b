import { call } from './client'
import type { Base, DeadLetter, Destination, Lane, ReplayFilter, ReplayResult, RouteRow, Worker } from './types'

/** A destination with what it may be asked for; fill: 0 = its limit is used up, 1 = all free. */
export interface SeenDestination extends Destination {
  failed_last_hour: number
  per_minute: number
  limits: { rate: number; burst: number; fill: number } | null
  pauses: { method: string; left_s: number; why: string }[]
}
export interface Exchange { destinations: SeenDestination[]; bases: Base[]; workers: Worker[] }

/** may_hasten: the next try may be asked for at once. */
export interface SeenLane extends Lane { may_hasten: boolean }
export interface LaneFilter { destination?: string; why?: string; q?: string }
export interface DeadFilter { destination?: string; code?: string; order?: string }
export interface WantedReplay extends ReplayFilter { order_number?: string | null }

export interface JournalLine {
  id: number
  at: string
  kind: string
  system: string
  outcome: string
  order_number: string | null
  order_ref: string | null
  event_id: string | null
  attempt: number | null
  duration_ms: number | null
  code: string
  summary: string
}
/** The whole exchange; phone numbers and secrets are masked. cut: the message is longer than what is shown. */
export interface WholeLine extends JournalLine { detail: unknown; event: { type: string; data: unknown } | null; message: unknown; cut: boolean }
export interface JournalFilter {
  since?: string
  until?: string
  system?: string
  kind?: string
  outcome?: string
  only?: string
  code?: string
  order?: string
  q?: string
  before?: string | null
  limit?: number
}
export interface JournalPage { lines: JournalLine[]; next: string | null; took_ms: number }

const ADMIN = '/api/v1/admin'
const EVERYTHING: Required<ReplayFilter> = { destination: null, code: null, since: null, lane_id: null, seq: null }

export const exchange = (signal?: AbortSignal): Promise<Exchange> => call('GET', `${ADMIN}/exchange`, { signal })

export const lanes = (filter: LaneFilter, signal?: AbortSignal): Promise<{ lanes: SeenLane[] }> =>
  call('GET', `${ADMIN}/lanes`, { query: { ...filter, limit: 200 }, signal })

export const sendNow = (lane: number, key: string): Promise<{ done: boolean }> =>
  call('POST', `${ADMIN}/lanes/${lane}/send-now`, { body: {}, key })

export const switchDestination = (id: number | string, state: 'open' | 'paused', reason: string, key: string): Promise<{ state: string; was: string }> =>
  call('POST', `${ADMIN}/destinations/${id}/state`, { body: { state, reason }, key })

export const dead = (filter: DeadFilter, signal?: AbortSignal): Promise<{ dead: DeadLetter[] }> =>
  call('GET', `${ADMIN}/dead`, { query: { ...filter }, signal })

/** With `dryRun` nothing is replayed: the answer says how many it would be, and the first of them. */
export const replay = (filter: WantedReplay, dryRun: boolean, key: string): Promise<ReplayResult> =>
  call('POST', `${ADMIN}/replay`, { body: { ...EVERYTHING, ...filter, dry_run: dryRun }, key })

export const skip = (lane_id: number, seq: number, reason: string, key: string): Promise<{ skipped: boolean }> =>
  call('POST', `${ADMIN}/skip`, { body: { lane_id, seq, reason }, key })

export const journal = (filter: JournalFilter, signal?: AbortSignal): Promise<JournalPage> =>
  call('GET', `${ADMIN}/journal`, { query: { ...filter }, signal })

export const journalLine = (id: string, at: string, signal?: AbortSignal): Promise<WholeLine> =>
  call('GET', `${ADMIN}/journal/${encodeURIComponent(id)}`, { query: { at }, signal })

export const routes = (signal?: AbortSignal): Promise<{ routes: RouteRow[] }> =>
  call('GET', `${ADMIN}/routes`, { signal })
