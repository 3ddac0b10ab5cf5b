/** How a report is looked at: its tiles and the one question that its chart answers. Pure. */

import type { Report, ReportName, ReportRow } from '@shared/api/reports'
import { kopecks } from '@shared/kit/money'
import { formatDay } from '@shared/kit/time'
import { formatShare, formatValue, type Kind, type Value } from '@shared/kit/value'
import type { Point, Series } from '@shared/ui/chart'

import { t } from './words'

/** The share of deliveries without a return that is aimed at (design §9). */
export const WITHOUT_RETURN = 0.95
const MOST_BARS = 15
const LONGEST_LABEL = 14

export interface Tile { key: string; label: string; value: string; note: string; state: 'plain' | 'good' | 'bad' }

const TILES: Record<ReportName, readonly string[]> = {
  couriers: ['done', 'not_delivered', 'without_return', 'revenue', 'cash', 'handed_in', 'ready_to_handed'],
  sales: ['sum'],
  cash: ['shortage', 'surplus', 'open', 'ceiling', 'goods_shortage'],
  returns: ['n', 'sum'],
  proofs: ['photo_share', 'position_share', 'flags'],
}

export function tilesOf(report: Report): Tile[] {
  const shown = TILES[report.name].flatMap((key) => {
    const column = report.columns.find((one) => one.key === key)
    return column ? [tile(key, column.title, report.totals[key], column.kind)] : []
  })
  return report.name === 'sales' ? [...shown, tile('rows', t.positions, report.rows.length, 'count')] : shown
}

function tile(key: string, label: string, value: Value, kind: Kind): Tile {
  const plain = { key, label, value: formatValue(value, kind), note: '', state: 'plain' as const }
  if (key === 'without_return' && typeof value === 'number') return { ...plain, note: t.goal(formatShare(WITHOUT_RETURN)), state: value >= WITHOUT_RETURN ? 'good' : 'bad' }
  if (['shortage', 'open', 'goods_shortage'].includes(key) && kopecks(String(value ?? '0.00')) !== 0) return { ...plain, state: 'bad' }
  return plain
}

export interface Chart { series: Series[]; points: Point[]; kind: Kind }

export function chartOf(report: Report): Chart {
  switch (report.name) {
    case 'couriers': return deliveries(report)
    case 'sales': return { kind: 'money', series: [{ key: 'sum', title: titleOf(report, 'sum'), tone: 'blue' }], points: summed(report.rows, 'product', { sum: (row) => money(row, 'sum') }) }
    case 'cash': return { kind: 'money', series: [{ key: 'shortage', title: titleOf(report, 'shortage'), tone: 'red' }, { key: 'surplus', title: titleOf(report, 'surplus'), tone: 'amber' }], points: summed(report.rows, 'courier', { shortage: (row) => money(row, 'shortage'), surplus: (row) => money(row, 'surplus') }) }
    case 'returns': return { kind: 'count', series: [{ key: 'n', title: titleOf(report, 'n'), tone: 'orange' }], points: summed(report.rows, causeOf, { n: (row) => count(row, 'n') }) }
    case 'proofs': return { kind: 'count', series: [{ key: 'photo', title: t.noPhoto, tone: 'violet' }, { key: 'position', title: t.noPosition, tone: 'amber' }], points: summed(report.rows, 'courier', { photo: (row) => count(row, 'photos_wanted') - count(row, 'photos_there'), position: (row) => count(row, 'positions_wanted') - count(row, 'positions_there') }) }
  }
}

const count = (row: ReportRow, key: string): number => Number(row[key] ?? 0)
const money = (row: ReportRow, key: string): number => (row[key] ? kopecks(String(row[key])) : 0)
const titleOf = (report: Report, key: string): string => report.columns.find((one) => one.key === key)?.title ?? key
const causeOf = (row: ReportRow): string => String(row.reason ?? row.what ?? '')

/** By day; of one day by courier. */
function deliveries(report: Report): Chart {
  const figures = { done: (row: ReportRow) => count(row, 'done'), not_delivered: (row: ReportRow) => count(row, 'not_delivered') }
  const series: Series[] = [
    { key: 'done', title: titleOf(report, 'done'), tone: 'green' }, { key: 'not_delivered', title: titleOf(report, 'not_delivered'), tone: 'orange' },
  ]
  if (report.first === report.last) return { kind: 'count', series, points: summed(report.rows, 'courier', figures) }
  const points = grouped(report.rows, (row) => String(row.day), figures).sort((a, b) => a.label.localeCompare(b.label))
  return { kind: 'count', series, points: points.map((point) => ({ ...point, label: formatDay(`${point.label}T12:00:00Z`, 'UTC').replace(/^\S+ /, '') })) }
}

type Figures = Readonly<Record<string, (row: ReportRow) => number>>

function grouped(rows: readonly ReportRow[], by: (row: ReportRow) => string, figures: Figures): Point[] {
  const found = new Map<string, Record<string, number>>()
  for (const row of rows) {
    const values = found.get(by(row)) ?? {}
    for (const [key, of] of Object.entries(figures)) values[key] = (values[key] ?? 0) + of(row)
    found.set(by(row), values)
  }
  return [...found].map(([label, values]) => ({ label, values }))
}

/** The largest few by name; what comes to nothing is left out. */
function summed(rows: readonly ReportRow[], by: string | ((row: ReportRow) => string), figures: Figures): Point[] {
  const of = (point: Point): number => Object.values(point.values).reduce<number>((sum, one) => sum + (one ?? 0), 0)
  const points = grouped(rows, typeof by === 'string' ? (row) => String(row[by] ?? '') : by, figures)
  return points.filter((point) => of(point) !== 0).sort((a, b) => of(b) - of(a)).slice(0, MOST_BARS).map((point) => ({ ...point, label: short(point.label) }))
}

const short = (name: string): string => (name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1).trimEnd()}…` : name)

/** The address of a row's cases; null where a figure has none, or is nothing. */
export function casesOf(report: Report, key: string, row: ReportRow): string | null {
  const template = report.cases[key]
  if (!template || isNothing(row[key])) return null
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(row[name] || (name === 'courier_ref' ? '-' : ''))))
}

/** The address of the cases behind a total: of all days and of whom the report was asked for. */
export function casesOfTotal(report: Report, key: string, of: { division?: string; courier?: string }): string | null {
  const template = report.cases[key]?.replace(/from=[^&]*&to=[^&]*/, `from=${report.first}&to=${report.last}`)
  if (!template || isNothing(report.totals[key])) return null
  const given: Readonly<Record<string, string | undefined>> = { division_ref: of.division, courier_ref: of.courier }
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given[name] ?? ''))
}

const isNothing = (value: Value): boolean => value === null || value === undefined || Number(value) === 0
