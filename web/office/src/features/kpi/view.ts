/** Figures of KPI as a person reads them: exact enough to be compared with their targets. */

import type { Kpi, KpiCase, KpiState, KpiUnit } from '@shared/api/kpi'
import { language } from '@shared/kit/i18n'
import { formatDay, formatSpan } from '@shared/kit/time'
import { formatCount, formatShare, formatValue, type Kind } from '@shared/kit/value'
import type { Point } from '@shared/ui/chart'
import type { Tone } from '@shared/ui/tone'

const comma = (text: string): string => (language.value === 'ru' ? text.replace('.', ',') : text)

/** Small shares with two digits: 0.34 % is not 0.3 %. */
export function shareText(share: number): string {
  return Math.abs(share) < 0.01 ? `${comma(String(Math.round(share * 10_000) / 100))}\u202f%` : formatShare(share)
}

export function figure(value: number | null, unit: KpiUnit): string {
  if (value === null) return '—'
  if (unit === 'seconds') return formatSpan(value)
  return unit === 'share' ? shareText(value) : formatCount(value)
}

export function caseText(one: KpiCase): string {
  return one.unit === 'seconds' ? formatSpan(Number(one.value)) : formatValue(one.value, one.unit)
}

export const TONES: Record<KpiState, Tone> = { met: 'green', missed: 'red', unknown: 'grey' }
export const ICONS = { met: 'check', missed: 'alert', unknown: 'minus' } as const

export const kindOf = (unit: KpiUnit): Kind => unit

/** A day each from the first that has data to the last: days without any interrupt the line. */
export function pointsOf(kpi: Kpi, key: string): Point[] {
  const known = new Map(kpi.trend.map((one) => [one.day, one.value]))
  const days = [...known.keys()].sort()
  const [first, last] = [days[0], days.at(-1)]
  if (!first || !last) return []
  const count = Math.round((Date.parse(last) - Date.parse(first)) / 86_400_000) + 1
  return Array.from({ length: count }, (_, n) => {
    const day = new Date(Date.parse(first) + n * 86_400_000).toISOString().slice(0, 10)
    return { label: day.slice(8) + '.' + day.slice(5, 7), values: { [key]: known.get(day) ?? null } }
  })
}

export const dayText = (day: string): string => formatDay(`${day}T12:00:00Z`, 'UTC')

/** «2:15», «2:15:30» or «90» (minutes) as seconds; null when it is none of them. */
export function typedDuration(text: string): number | null {
  const parts = text.trim().split(':')
  if (!parts.every((one) => /^\d{1,4}$/.test(one)) || parts.length > 3) return null
  const [a = 0, b = 0, c = 0] = parts.map(Number)
  const seconds = parts.length === 1 ? a * 60 : a * 3600 + b * 60 + c
  return b < 60 && c < 60 && seconds > 0 ? seconds : null
}
