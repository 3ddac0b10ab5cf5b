import type { Kind, Value } from '@shared/kit/value'

import { call, callFile } from './client'

export const REPORTS = ['couriers', 'sales', 'cash', 'returns', 'proofs'] as const
export type ReportName = (typeof REPORTS)[number]
export type FileForm = 'xlsx' | 'csv'

export interface ReportFilter {
  from: string
  to: string
  division?: string
  courier?: string
}

export interface ReportColumn { key: string; title: string; kind: Kind }
/** By the keys of the columns; beside the names the refs: courier_ref, division_ref, … */
export type ReportRow = Readonly<Record<string, Value>>
export interface Choice { ref: string; name: string; division?: string }

export interface Report {
  name: ReportName
  title: string
  columns: ReportColumn[]
  rows: ReportRow[]
  totals: Readonly<Record<string, Value>>
  /** Column → address of its cases, with {keys} of a row in it. */
  cases: Readonly<Record<string, string>>
  choices: { divisions: Choice[]; couriers: Choice[] }
  first: string
  last: string
  /** Couriers whose cash is not told until it is counted. */
  hidden: number
  made_at: string
  took_ms: number
}

export interface ReportCase {
  event: string
  day: string
  at: string
  recorded_at: string
  type: string
  title: string
  courier: string
  courier_ref: string
  division: string
  subject: { kind: string; id: string }
  order_number: string | null
  value: Value
  note: string | null
}
export interface ReportCases { title: string; kind: Kind; cases: ReportCase[]; more: boolean }

export const report = (name: ReportName, filter: ReportFilter, signal?: AbortSignal): Promise<Report> =>
  call('GET', `/api/v1/reports/${name}`, { query: { ...filter }, signal })

export const reportFile = (name: ReportName, filter: ReportFilter, format: FileForm): Promise<Blob> =>
  callFile(`/api/v1/reports/${name}`, { query: { ...filter, format } })

/** address: as the report gave it, filled in. */
export const reportCases = (address: string, signal?: AbortSignal): Promise<ReportCases> => call('GET', address, { signal })
