import type { Gate } from '@shared/api/pilot'
import { describe, expect, it } from 'vitest'

import { gateGrid, stateOf, stepsOf } from './usePilot'

const gate = (key: string, day: string, fine: boolean | null): Gate => ({ key, day, fine, title: key.toUpperCase(), value: 1, limit: 2, why: '', cases: '' })

describe('stepsOf', () => {
  it('leads on first and back by the shortest way', () => {
    expect(stepsOf('shadow')).toEqual(['pilot', 'live', 'off'])
    expect(stepsOf('live')).toEqual(['pilot', 'shadow', 'off'])
  })
})

describe('gateGrid', () => {
  it('has a cell of each gate for each day, and none is taken for fine without data', () => {
    const { days, rows } = gateGrid([gate('lag', '2026-11-22', true), gate('lag', '2026-11-21', false), gate('cash', '2026-11-22', null)])
    expect(days).toEqual(['2026-11-21', '2026-11-22'])
    expect(rows.map((row) => [row.title, row.days.map(stateOf)])).toEqual([
      ['LAG', ['red', 'fine']],
      ['CASH', ['unknown', 'unknown']],
    ])
  })

  it('is empty without gates', () => {
    expect(gateGrid([])).toEqual({ days: [], rows: [] })
  })
})
