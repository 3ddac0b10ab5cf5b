import { call } from './client'

export type KpiState = 'met' | 'missed' | 'unknown'
export type KpiUnit = 'share' | 'seconds' | 'count'

/** Seconds. */
export interface KpiGroup { n: number; p50: number | null; p95: number | null }

export interface Kpi {
  key: string
  title: string
  definition: string
  target: { text: string; value: number | null; direction: 'most' | 'least' }
  value: number | null
  unit: KpiUnit
  state: KpiState
  /** The state in words. */
  state_text: string
  note: string
  n: number
  p50: number | null
  p95: number | null
  worst: number | null
  trend: { day: string; value: number | null; n: number }[]
  /** Empty: there is nothing behind it. */
  cases: string
  groups: { pilot?: KpiGroup; control?: KpiGroup } | null
}

export interface KpiAnswer {
  kpis: Kpi[]
  divisions: { ref: string; name: string }[]
  first: string
  last: string
  made_at: string
  took_ms: number
}

export interface KpiFilter { from: string; to: string; division?: string }

export interface KpiCase {
  day: string
  at: string | null
  unit: 'seconds' | 'count' | 'money'
  value: number | string
  what: string
  title: string
  order_ref: string | null
  order_number: string | null
  courier: string | null
  division: string | null
}

export interface KpiCases { key: string; title: string; cases: KpiCase[]; more: boolean }

/** What «готов → отдан» was: the valid one of a division, or one that a later one supersedes. */
export interface Baseline {
  id: number
  division: string
  division_name: string | null
  kind: 'measured' | 'imported'
  first: string
  last: string
  p50_s: number
  n: number
  source: string
  who: string
  why: string
  made_at: string
  valid: boolean
}

/** Without the median and the number it is measured by the deliveries of these days. */
export interface NewBaseline {
  division: string
  from: string
  to: string
  why: string
  p50_s?: number
  n?: number
  source?: string
}

const KPI = '/api/v1/board/kpi'

export const kpi = (filter: KpiFilter, signal?: AbortSignal): Promise<KpiAnswer> => call('GET', KPI, { query: { ...filter }, signal })

/** key: of a KPI or of a gate. */
export const kpiCases = (key: string, filter: KpiFilter, signal?: AbortSignal): Promise<KpiCases> =>
  call('GET', `${KPI}/${encodeURIComponent(key)}/cases`, { query: { ...filter }, signal })

export const baselines = (division: string | undefined, signal?: AbortSignal): Promise<{ baselines: Baseline[] }> =>
  call('GET', `${KPI}/baselines`, { query: { division }, signal })

export const freezeBaseline = (body: NewBaseline, key: string): Promise<{ frozen: number[] }> => call('POST', `${KPI}/baselines`, { body, key })

export const importBaselines = (body: { csv: string; why: string }, key: string): Promise<{ frozen: number[] }> =>
  call('POST', `${KPI}/baselines/import`, { body, key })

