import { expect, it } from 'vitest'

import { dayAfter, emptyForm, faultsOf, payloadOf } from './useNotDeliver'

const TODAY = '2026-11-30'

it('needs a reason, and words for «другое»', () => {
  expect(faultsOf(emptyForm(), TODAY)).toEqual(['причина'])
  expect(faultsOf({ ...emptyForm(), reason: 'other' }, TODAY)).toEqual(['комментарий к «другое»'])
  expect(faultsOf({ ...emptyForm(), reason: 'other', comment: 'собака' }, TODAY)).toEqual([])
})

it('counts days of the calendar, over the end of a month', () => {
  expect(dayAfter(TODAY, 1)).toBe('2026-12-01')
  expect(payloadOf({ ...emptyForm(), reason: 'not_home', when: 'after' }, TODAY)).toEqual({ reason: 'not_home', next_date: '2026-12-02' })
})

it('takes no day that is over', () => {
  expect(faultsOf({ ...emptyForm(), reason: 'not_home', when: 'other', day: '2026-11-29' }, TODAY)).toEqual(['день новой доставки'])
  expect(faultsOf({ ...emptyForm(), reason: 'not_home', when: 'other', day: '' }, TODAY)).toEqual(['день новой доставки'])
  expect(faultsOf({ ...emptyForm(), reason: 'not_home', when: 'other', day: TODAY }, TODAY)).toEqual([])
})

it('says no date that is not decided', () => {
  expect(payloadOf({ ...emptyForm(), reason: 'refused', comment: '  ' }, TODAY)).toEqual({ reason: 'refused' })
})
