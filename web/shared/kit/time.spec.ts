import { expect, it } from 'vitest'

import { formatAge, formatCountdown, formatDuration, formatMoment, formatSpan } from './time'

it('counts down and never below zero', () => {
  expect([75, 3700, 0.2, -5].map(formatCountdown)).toEqual(['1:15', '1:01:40', '0:01', '0:00'])
})
it('says an age in one unit', () => {
  expect([0.4, 59, 60, 3600 * 5, 86400 * 3].map(formatAge)).toEqual(['0 с', '59 с', '1 мин', '5 ч', '3 д'])
})
it('says how long something took by its two greatest units', () => {
  const said = [0, 0.2, 4.52, 59.6, 90, 3600, 7512, 100_000].map(formatSpan)
  expect(said).toEqual(['0 с', '200 мс', '4,5 с', '1 мин', '1 мин 30 с', '1 ч', '2 ч 5 мин', '1 д 3 ч'])
})
it('says how long an attempt took', () => {
  expect([61, 30012].map(formatDuration)).toEqual(['61 мс', '30,0 с'])
})
it('gives the day only when it is not today', () => {
  const now = new Date(2026, 10, 22, 12, 0).getTime()
  const today = new Date(2026, 10, 22, 9, 5).toISOString()
  const before = new Date(2026, 10, 20, 9, 5).toISOString()
  expect(formatMoment(today, now)).toBe('09:05')
  expect(formatMoment(before, now)).toMatch(/20 нояб\.? 09:05$/)
})
