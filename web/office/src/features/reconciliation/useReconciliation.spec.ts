import type { Agreement, Run } from '@shared/api/reconciliation'
import { expect, it } from 'vitest'

import { agreeText, newestOf, shareOf } from './useReconciliation'

const run = (id: string, more: Partial<Run> = {}): Run => ({
  id, base: 'b1', base_name: 'Торговля', state: 'done', reason: 'nightly', by: '', started_at: '2026-11-22T00:00:00Z', finished_at: '2026-11-22T00:10:00Z',
  slices: 38, differed: 0, objects: 1000, agreeing: 1000, found: 0, repaired: 0, unknown: 0, sample: null, ...more,
})
const base: Agreement = { id: 'b1', name: 'Торговля', checked: 100, agreeing: 50, share: 0.5, lost: 0, last_at: '2026-11-21T00:00:00Z', slices: [] }

it('never says that more agrees than does', () => {
  expect([1, 0.999999, 0.9999, 0.975, 0, null].map(agreeText)).toEqual(['100\u202f%', '99,99\u202f%', '99,99\u202f%', '97,5\u202f%', '0\u202f%', '—'])
})

it('takes the share of the last run by objects, and of slices before there is one', () => {
  expect(shareOf(base, run('r1', { objects: 1_000_000, agreeing: 999_900, found: 100 }))).toEqual({ share: 0.9999, of: 1_000_000, at: '2026-11-22T00:10:00Z', exact: true })
  expect(shareOf(base, null)).toEqual({ share: 0.5, of: 100, at: '2026-11-21T00:00:00Z', exact: false })
})

it('knows the run under way, the last that compared something, and the last sample of a base', () => {
  const sample = { size: 400, checked: 400, agreed: 400, share: 1, low: 0.99, high: 1, fields: [] }
  const all = [run('r0', { state: 'running' }), run('r1', { state: 'late', objects: 0 }), run('other', { base: 'b2' }), run('r2'), run('r3', { sample })]
  const { now, last, sampled } = newestOf(all)('b1')
  expect([now?.id, last?.id, sampled?.id]).toEqual(['r0', 'r2', 'r3'])
  expect(newestOf([])('b1')).toEqual({ now: null, last: null, sampled: null })
})
