import { aDay, anItem, LOADS } from '@courier/testing/day'
import { describe, expect, it } from 'vitest'

import { askedOf, ceilingState } from './cash'
import { loadedPart } from './load'
import { byBarcode, favouritesOf, stockOf } from './stock'

describe('the backpack as a list', () => {
  const stock = stockOf(aDay())
  it('starts with what is sold most often and ends with what is gone', () => {
    expect(favouritesOf(stock).map((one) => one.product)).toEqual(['p1', 'p2', 'p3'])
    expect(stock.at(-1)).toMatchObject({ product: 'p6', milli: -1000 })
  })
  it('knows a barcode with and without its leading zero', () => expect(byBarcode(stock, '04600000000017')?.product).toBe('p1'))
})

describe('the ceiling', () => {
  it('is seen coming at four fifths', () => {
    expect([79_999, 80_000, 99_999, 100_000].map((kop) => ceilingState(kop, 100_000))).toEqual(['none', 'near', 'near', 'reached'])
  })
  it('is none where there is none', () => expect(ceilingState(1e9, null)).toBe('none'))
})

describe('a count of the whole backpack with a load in it', () => {
  const stock = stockOf(aDay())
  // 12 pieces of tea by the ledger, 10 of them in the load.
  const tea = (counted: number): number | undefined => loadedPart(LOADS, stock, (key) => (key === 'p2 c2' ? counted : 0))[0]?.milli
  it('finds the load whole when everything is there', () => expect(tea(12_000)).toBe(10_000))
  it('misses first what the load should have brought', () => expect([tea(11_000), tea(2_000), tea(1_000)]).toEqual([9_000, 0, 0]))
  it('takes more for more of the load', () => expect(tea(13_000)).toBe(11_000))
})

describe('a wish to hand in', () => {
  const now = new Date().toISOString()
  const asked = anItem({ type: 'cash.hand_in_request', at_device: now, state: 'accepted', payload: { sum: '100.00' } })
  const zone = { time_zone: 'UTC', day: now.slice(0, 10) }
  it('stands until the money is counted', () => {
    const day = aDay(zone)
    expect(askedOf(day, [asked])).toBe(asked)
    const counted = { id: 'x', at: new Date(Date.now() + 1000).toISOString(), kind: 'hand_in' as const, sum: '-100.00', order_number: null, receiver: 'Анна' }
    expect(askedOf({ ...day, cash: { ...day.cash, lines: [counted] } }, [asked])).toBeNull()
  })
  it('that was not accepted does not stand', () => expect(askedOf(aDay(zone), [{ ...asked, state: 'rejected' }])).toBeNull())
})
