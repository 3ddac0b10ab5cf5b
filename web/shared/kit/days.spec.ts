import { expect, it } from 'vitest'

import { daysIn, daysOf, parseDay, periodOf, shifted, typedDay } from './days'

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
