import { afterEach, expect, it, vi } from 'vitest'

import { learnServerTime } from './clock'
import { daysIn, daysOf, isDay, keepCompanyDay, parseDay, periodOf, shifted, startOf, today, typedDay } from './days'

const TODAY = '2026-11-22'

it('reads a day as people type it, and no day that the calendar lacks', () => {
  expect(parseDay('23.11.2026', TODAY)).toBe('2026-11-23')
  expect(parseDay(' 3.1.26 ', TODAY)).toBe('2026-01-03')
  expect(parseDay('5.12', TODAY)).toBe('2026-12-05')
  expect(parseDay('2026-02-28', TODAY)).toBe('2026-02-28')
  expect(['31.02.2026', '0.1.2026', '1.13.2026', 'завтра', ''].map((text) => parseDay(text, TODAY))).toEqual([null, null, null, null, null])
  expect(typedDay('2026-11-23')).toBe('23.11.2026')
})

it('counts periods by the calendar', () => {
  expect(daysOf('week', TODAY)).toEqual({ from: '2026-11-16', to: TODAY })
  expect(daysOf('month', TODAY)).toEqual({ from: '2026-11-01', to: TODAY })
  expect(daysOf('last_month', '2026-03-31')).toEqual({ from: '2026-02-01', to: '2026-02-28' })
  expect(periodOf({ from: '2026-11-21', to: '2026-11-21' }, TODAY)).toBe('yesterday')
  expect(periodOf({ from: '2026-11-20', to: TODAY }, TODAY)).toBeNull()
  expect(daysIn({ from: '2026-02-28', to: '2026-03-01' })).toBe(2)
  expect(shifted('2026-03-01', -1)).toBe('2026-02-28')
})

/** At this moment, in Moscow's company, whatever the zone of this machine is. */
function moscowAt(now: string): void {
  vi.useFakeTimers({ now: Date.parse(now) })
  keepCompanyDay('Europe/Moscow', Date.now())
}
afterEach(() => {
  vi.useRealTimers()
  learnServerTime(new Date().toUTCString())
})

it('takes the day of the company, not of the browser', () => {
  moscowAt('2026-11-22T20:59:59Z')
  expect([today(), today('Asia/Vladivostok')]).toEqual(['2026-11-22', '2026-11-23'])
  moscowAt('2026-11-22T21:00:00Z')
  expect(today()).toBe('2026-11-23')
})

it('takes the day of the service where the clock of the machine is wrong', () => {
  vi.useFakeTimers({ now: Date.parse('2031-01-01T00:00:00Z') })
  learnServerTime('Sun, 22 Nov 2026 09:00:00 GMT')
  expect(today('Europe/Moscow')).toBe('2026-11-22')
})

it('begins a day at midnight of the company, also where the clocks change', () => {
  moscowAt('2026-11-22T09:00:00Z')
  expect([startOf('2026-11-22'), startOf('2026-11-22', 1)]).toEqual(['2026-11-21T21:00:00.000Z', '2026-11-22T21:00:00.000Z'])
  keepCompanyDay('Europe/Berlin', Date.now())
  expect([startOf('2026-03-29'), startOf('2026-03-29', 1)]).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'])
  expect([startOf('2026-10-25'), startOf('2026-10-25', 1)]).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'])
  keepCompanyDay('America/Los_Angeles', Date.now())
  expect(startOf('2026-11-01', 1)).toBe('2026-11-02T08:00:00.000Z')
})

it('goes on by its own zone where the browser does not know the one of the company', () => {
  keepCompanyDay('Europe/Newtown', Date.now())
  expect(isDay(today())).toBe(true)
  expect([isDay('2026-13-01'), isDay('вчера'), isDay(undefined)]).toEqual([false, false, false])
})
