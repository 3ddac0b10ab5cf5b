import { describe, expect, it } from 'vitest'

import { median, offsetMs, withOffset } from './clock'

describe('the offset of the clock', () => {
  it('is measured at half of the round trip', () => {
    expect(offsetMs('2026-11-22T07:00:10.000Z', Date.parse('2026-11-22T07:00:00.000Z'), 400)).toBe(9_800)
  })

  it('is nothing for a time that cannot be read', () => expect(offsetMs('soon', 0, 0)).toBeNull())

  it('is the median of the last five, so that one slow answer moves nothing', () => {
    const kept = [100, 110, 90_000, 105, 95, 102].reduce<number[]>(withOffset, [])
    expect(kept).toEqual([110, 90_000, 105, 95, 102])
    expect(median(kept)).toBe(105)
  })

  it('of an even number of answers lies between the middle two', () => expect(median([10, 20])).toBe(15))

  it('is unknown before the first answer', () => expect(median([])).toBeNull())
})
