/** Calendar days as the API takes them (2026-11-23) and as a person types them (23.11.2026). */

import { ref } from 'vue'

import { serverNow } from './clock'

export type Day = string
export interface Days { from: Day; to: Day }

const DAY_MS = 86_400_000
const at = (day: Day): number => Date.parse(`${day}T00:00:00Z`)

export const shifted = (day: Day, by: number): Day => new Date(at(day) + by * DAY_MS).toISOString().slice(0, 10)
/** Of an address, which is anybody's to write. */
export const isDay = (text: string | undefined): text is Day => /^\d{4}-\d\d-\d\d$/.test(text ?? '') && !Number.isNaN(at(text!))
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

const company = ref<string>()
const ownDay = ref<Day>()

// Making one takes as long as hundreds of uses of it.
const made = new Map<string | undefined, Intl.DateTimeFormat>()

/** The wall clock there, as if it were UTC. */
function wallIn(zone: string | undefined, moment: number): number {
  const format = made.get(zone) ?? new Intl.DateTimeFormat('en-CA', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  })
  made.set(zone, format)
  const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]))
  return Date.parse(`${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}Z`)
}
const dayIn = (zone: string | undefined, moment: number): Day => new Date(wallIn(zone, moment)).toISOString().slice(0, 10)

/** Called second by second: whoever shows today's day then follows when the zone is learned and when a day ends. */
export function keepCompanyDay(zone: string | undefined, now: number): void {
  try {
    wallIn(zone, now)
    company.value = zone
  } catch {
    company.value = undefined // a zone that is newer than this browser
  }
  ownDay.value = dayIn(company.value, now)
}

/** Today by the service's clock, in the company whose pages these are, or in the given zone. The browser's own zone
 *  counts only until the company's is known. */
export const today = (zone?: string): Day => (zone ? dayIn(zone, serverNow()) : (ownDay.value ?? dayIn(company.value, serverNow())))

/** When a day of the company begins, `plus` days on, as the service reads it. */
export function startOf(day: Day, plus = 0): string {
  const wall = at(shifted(day, plus))
  const ahead = (moment: number): number => wallIn(company.value, moment) - moment
  // Twice: on the day of a change of the clocks the first guess lies on the other side of it.
  return new Date(wall - ahead(wall - ahead(wall))).toISOString()
}
