/** Times come as ISO in UTC and are shown in the browser's own zone: «14:05», «пт 22 нояб.».
 *  What was promised to a customer is shown in the zone of the delivery (`zone`), wherever the page is looked at. */

import { language } from './i18n'

const locale = (): string => (language.value === 'ru' ? 'ru-RU' : 'en-GB')

// Making one takes as long as hundreds of uses of it: a list of orders was slow by that.
const made = new Map<string, Intl.DateTimeFormat>()

function parts(at: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale()} ${JSON.stringify(options)}`
  const format = made.get(key) ?? new Intl.DateTimeFormat(locale(), options)
  made.set(key, format)
  return format.format(new Date(at))
}

export const formatTime = (at: string, zone?: string): string =>
  parts(at, { hour: '2-digit', minute: '2-digit', timeZone: zone })

/** «14:00–16:00» in the delivery's own zone. */
export const formatWindow = (window: { from: string; to: string }, zone: string): string =>
  `${formatTime(window.from, zone)}–${formatTime(window.to, zone)}`

export const formatTimeExact = (at: string): string =>
  parts(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

export const formatDay = (at: string, zone?: string): string =>
  parts(at, { weekday: 'short', day: 'numeric', month: 'short', timeZone: zone }).replace(',', '')

const dayOf = (at: number): string => new Date(at).toDateString()

/** Today: only the time; another day: with the day. */
export function formatMoment(at: string, now: number): string {
  return dayOf(Date.parse(at)) === dayOf(now) ? formatTime(at) : `${formatDay(at)} ${formatTime(at)}`
}

/** 75 → «1:15», 3700 → «1:01:40»: what is left until a time, never below zero. */
export function formatCountdown(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds))
  const two = (n: number): string => String(n).padStart(2, '0')
  const [h, m, s] = [Math.trunc(left / 3600), Math.trunc(left / 60) % 60, left % 60]
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

const UNITS: Record<'ru' | 'en', readonly [string, string, string, string]> = {
  ru: ['с', 'мин', 'ч', 'д'],
  en: ['s', 'min', 'h', 'd'],
}

/** How long, in one unit that a person can take in: «40 с», «12 мин», «3 ч», «2 д». */
export function formatAge(seconds: number): string {
  const [s, min, h, d] = UNITS[language.value]
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} ${s}`
  if (seconds < 3600) return `${Math.round(seconds / 60)} ${min}`
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} ${h}`
  return `${Math.round(seconds / 86400)} ${d}`
}

/** How long, by its two greatest units, exact enough to be compared with a target: «850 мс», «4,5 с», «1 мин 30 с». */
export function formatSpan(seconds: number): string {
  const [s, min, h, d] = UNITS[language.value]
  const russian = language.value === 'ru'
  if (seconds > 0 && seconds < 1) return `${Math.round(seconds * 1000)} ${russian ? 'мс' : 'ms'}`
  if (seconds < 10) return `${String(Math.round(seconds * 10) / 10).replace('.', russian ? ',' : '.')} ${s}`
  const left = Math.round(seconds)
  const two = (n: number, unit: string, rest: number, small: string): string => `${n} ${unit}${rest ? ` ${rest} ${small}` : ''}`
  if (left < 60) return `${left} ${s}`
  if (left < 3600) return two(Math.trunc(left / 60), min, left % 60, s)
  if (left < 86_400) return two(Math.trunc(left / 3600), h, Math.trunc((left % 3600) / 60), min)
  return two(Math.trunc(left / 86_400), d, Math.trunc((left % 86_400) / 3600), h)
}

export function formatDuration(ms: number): string {
  const [s] = UNITS[language.value]
  if (ms < 1000) return `${Math.round(ms)} ${language.value === 'ru' ? 'мс' : 'ms'}`
  return `${(ms / 1000).toFixed(1).replace('.', language.value === 'ru' ? ',' : '.')} ${s}`
}
