import type { Kpi } from '@shared/api/kpi'
import { expect, it } from 'vitest'

import { figure, pointsOf, shareText, typedDuration } from './view'

it('does not round a missed share to its target', () => {
  expect(shareText(0.0034)).toBe('0,34\u202f%')
  expect(shareText(0.951)).toBe('95,1\u202f%')
  expect(figure(null, 'share')).toBe('—')
})

it('leaves a gap in the trend where a day has no data', () => {
  const trend = [{ day: '2026-11-20', value: 5, n: 1 }, { day: '2026-11-22', value: 7, n: 2 }]
  const points = pointsOf({ trend } as unknown as Kpi, 'value')
  expect(points.map((one) => [one.label, one.values.value])).toEqual([['20.11', 5], ['21.11', null], ['22.11', 7]])
  expect(pointsOf({ trend: [] } as unknown as Kpi, 'value')).toEqual([])
})

it('reads a typed time as hours and minutes, or as minutes', () => {
  expect(['2:15', '0:01:30', '90', '0', '2:75', 'час', ''].map(typedDuration)).toEqual([8100, 90, 5400, null, null, null, null])
})
