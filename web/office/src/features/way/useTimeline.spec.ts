import type { Step } from '@shared/api/types'
import { inScope } from '@shared/testing/scope'
import { expect, it } from 'vitest'

import { useTimeline } from './useTimeline'

const step = (at: string, system = 'site:1', changes: Partial<Step> = {}): Step => ({
  at, system, kind: 'attempt', outcome: 'try_later', title: '', text: '', attempt: 1, duration_ms: null, code: null, event_id: 'e', ...changes,
})
const STEPS = [step('2026-11-21T10:00:00Z'), step('2026-11-22T10:00:00Z', 'onec:b1'), step('2026-11-22T10:05:00Z')]

it('goes from the newest to the oldest and back, by days', () => {
  const { value: line } = inScope(() => useTimeline(() => [...STEPS].reverse()))
  const times = (): string[][] => line.days.value.map((day) => day.steps.map((one) => one.at.slice(8, 16)))
  expect(times()).toEqual([['22T10:05', '22T10:00'], ['21T10:00']])
  line.order.value = 'oldest'
  expect(times()).toEqual([['21T10:00'], ['22T10:00', '22T10:05']])
})

it('keeps the identity of rows when new ones come', () => {
  const ids = (steps: Step[]): string[] => inScope(() => useTimeline(() => steps)).value.days.value.flatMap((day) => day.steps.map((one) => one.id))
  const before = ids(STEPS)
  const after = ids([...STEPS, step('2026-11-22T11:00:00Z')])
  expect(after).toEqual(expect.arrayContaining(before))
  expect(new Set(after).size).toBe(4)
})

it('tells equal exchanges of one moment apart', () => {
  const twice = [STEPS[0]!, STEPS[0]!]
  const { value: line } = inScope(() => useTimeline(() => twice))
  expect(new Set(line.days.value[0]?.steps.map((one) => one.id)).size).toBe(2)
})

it('shows one system when asked', () => {
  const { value: line } = inScope(() => useTimeline(() => STEPS))
  expect(line.systems.value).toEqual(['1С', 'Сайт'])
  line.system.value = '1С'
  expect(line.days.value.flatMap((day) => day.steps)).toHaveLength(1)
})
