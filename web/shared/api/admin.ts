import { call } from './client'
import type { DeadLetter, Exchange, Lane, QuarantinedObject, ReplayFilter, ReplayResult, RouteRow } from './types'

const EVERYTHING: Required<ReplayFilter> = { destination: null, code: null, since: null, lane_id: null, seq: null }

export const exchange = (signal?: AbortSignal): Promise<Exchange> => call('GET', '/api/v1/admin/exchange', { signal })

export const lanes = (destination: string, signal?: AbortSignal): Promise<{ lanes: Lane[] }> =>
  call('GET', '/api/v1/admin/lanes', { query: { destination, limit: 200 }, signal })

export const dead = (destination: string, signal?: AbortSignal): Promise<{ dead: DeadLetter[] }> =>
  call('GET', '/api/v1/admin/dead', { query: { destination }, signal })

/** With `dryRun` nothing is replayed: the answer says how many it would be, and the first of them. */
export const replay = (filter: ReplayFilter, dryRun: boolean, key: string): Promise<ReplayResult> =>
  call('POST', '/api/v1/admin/replay', { body: { ...EVERYTHING, ...filter, dry_run: dryRun }, key })

export const skip = (lane_id: number, seq: number, reason: string, key: string): Promise<{ skipped: boolean }> =>
  call('POST', '/api/v1/admin/skip', { body: { lane_id, seq, reason }, key })

export const quarantine = (signal?: AbortSignal): Promise<{ objects: QuarantinedObject[] }> =>
  call('GET', '/api/v1/admin/quarantine', { signal })

export const routes = (signal?: AbortSignal): Promise<{ routes: RouteRow[] }> =>
  call('GET', '/api/v1/admin/routes', { signal })
