import { aRules } from '@courier/testing/day'
import { expect, it } from 'vitest'

import { levelsOf, needsSheet } from './facts'
import { lacking } from './proofs'

const nothing = { photo: false, position: false, amount: false, items: false, code: false }

it('holds a step up for what is required and asks about what is wanted', () => {
  const levels = levelsOf(aRules(), 'hand_over')
  expect(lacking(levels, nothing, 'required')).toEqual(['photo', 'amount'])
  expect(lacking(levels, nothing, 'warn')).toEqual(['position'])
  expect(lacking(levels, { ...nothing, photo: true, amount: true }, 'required')).toEqual([])
})

it('asks nothing that the rules do not name', () => {
  expect(levelsOf(aRules({ proofs: {} }), 'hand_over')).toEqual({ photo: 'off', position: 'off', amount: 'off', items: 'off', code: 'off' })
  expect(levelsOf(null, 'pick_up').photo).toBe('off')
})

it('opens a sheet for a step only when something is required or wanted', () => {
  expect(needsSheet(levelsOf(aRules(), 'depart'))).toBe(false)
  expect(needsSheet(levelsOf(aRules({ proofs: { depart: { photo: 'warn' } } }), 'depart'))).toBe(true)
})
