/** Calendar days as the API takes them (2026-11-23) and as a person types them (23.11.2026). */

import { dayText } from './time'

export type Day = string
export interface Days { from: Day; to: Day }

const DAY_MS = 86_400_000
const at = (day: Day): number => Date.parse(`${day}T00:00:00Z`)

export const shifted = (day: Day, by: number): Day => new Date(at(day) + by * DAY_MS).toISOString().slice(0, 10)
export const daysIn = ({ from, to }: Days): number => Math.round((at(to) - at(from)) / DAY_MS) + 1

/** "2026-11-23" → "23.11.2026". */
export const typedDay = (day: Day): string => day.split('-').reverse().join('.')

/** "23.11.2026", "23.11.26", "23.11" (of the year of `today`) or "2026-11-23"; null when there is no such day. */
export function parseDay(text: string, today: Day): Day | null {
  const iso = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text.trim())
  const typed = /^(\d{1,2})[./ ](\d{1,2})(?:[./ ](\d{4}|\d\d))?$/.exec(text.trim())
  const [day, month, year] = iso ? [iso[3], iso[2], iso[1]] : typed ? typed.slice(1) : []
  if (!day || !month) return null
  const whole = (year ?? today.slice(0, 4)).padStart(4, '20')
  const found = `${whole}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return Number.isNaN(at(found)) || new Date(at(found)).toISOString().slice(0, 10) !== found ? null : found
}

export const PERIODS = ['today', 'yesterday', 'week', 'month', 'last_month'] as const
export type Period = (typeof PERIODS)[number]

/** week: today and the six days before it. month: from its first day until today. */
export function daysOf(period: Period, today: Day): Days {
  const first = `${today.slice(0, 8)}01`
  switch (period) {
    case 'today': return { from: today, to: today }
    case 'yesterday': return { from: shifted(today, -1), to: shifted(today, -1) }
    case 'week': return { from: shifted(today, -6), to: today }
    case 'month': return { from: first, to: today }
    case 'last_month': return { from: `${shifted(first, -1).slice(0, 8)}01`, to: shifted(first, -1) }
  }
}

export const periodOf = (days: Days, today: Day): Period | null =>
  PERIODS.find((one) => { const its = daysOf(one, today); return its.from === days.from && its.to === days.to }) ?? null

/** Today where the page is looked at, or in the given zone. */
export function today(zone?: string): Day {
  if (!zone) return dayText(new Date())
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date())
}
