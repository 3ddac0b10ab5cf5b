import { call } from './client'

/** The last comparison of a slice: documents of a month, or a whole kind (slice = ""). */
export interface Slice {
  kind: string
  slice: string
  at: string
  theirs: number
  ours: number
  equal: boolean
  asked: boolean
  times: number
  differed: number
}

export interface Agreement {
  id: string
  name: string
  checked: number
  agreeing: number
  /** Of objects; null: nothing was compared yet. */
  share: number | null
  /** By a restore of the base, not decided. */
  lost: number
  last_at: string | null
  slices: Slice[]
}

export interface SampleResult {
  size: number
  checked: number
  agreed: number
  /** Of those checked; low, high: where that of all objects lies, 95 %. */
  share: number | null
  low: number | null
  high: number | null
  fields: { kind: string; field: string; count: number }[]
}

interface Summary {
  id: string
  base: string
  base_name: string
  state: 'running' | 'done' | 'late'
  reason: 'nightly' | 'asked' | 'load'
  by: string
  started_at: string
  finished_at: string | null
  slices: number
  differed: number
  objects: number
  /** Of them; of a base that cannot list, only those in slices that agree whole. */
  agreeing: number
  repaired: number
  unknown: number
  sample: SampleResult | null
}
export interface Run extends Summary { found: number }
export interface FoundObject {
  kind: string
  ref: string
  name: string
  what: string
  fields: string[]
  repaired_at: string | null
}
export interface RunDetail extends Summary { found_count: number; found: FoundObject[] }

const BASE = '/api/v1/admin/reconciliation'

export const agreement = (signal?: AbortSignal): Promise<{ bases: Agreement[] }> => call('GET', BASE, { signal })

export const runs = (base: string | undefined, signal?: AbortSignal): Promise<{ runs: Run[] }> =>
  call('GET', `${BASE}/runs`, { query: { base, limit: 50 }, signal })

export const run = (id: string, signal?: AbortSignal): Promise<RunDetail> => call('GET', `${BASE}/runs/${id}`, { signal })

/** started: false = one is under way already, and `run` is it. */
export const startRun = (base: string, sample: number, key: string): Promise<{ run: string; started: boolean }> =>
  call('POST', `${BASE}/start`, { body: { base, sample }, key })

/** asked: false = it was asked for less than a minute ago. */
export const askSlice = (base: string, kind: string, slice: string, key: string): Promise<{ asked: boolean }> =>
  call('POST', `${BASE}/ask`, { body: { base, kind, slice }, key })
