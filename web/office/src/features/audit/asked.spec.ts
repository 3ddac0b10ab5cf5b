import { expect, it } from 'vitest'

import { asked } from './asked'

it('tells what was asked on one line, lists and parts within', () => {
  expect(asked({ roles: ['head', 'cashier'], divisions: null, at: { day: '2026-11-22', n: 2 }, none: [] }))
    .toBe('roles: head, cashier · divisions: — · at: (day: 2026-11-22 · n: 2) · none: —')
  expect(asked({})).toBe('')
})
