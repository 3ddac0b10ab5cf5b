import type { Change, DivisionSettings, Key, Setting } from '@shared/api/settings'
import { describe, expect, it } from 'vitest'

import { changed, differs, linesOf, moved, since, undone, valueOf, withLevel } from './draft'

const setting = (value: unknown, file: unknown, source: 'file' | 'page'): Setting => ({ value, file, source, who: null, at: null })
const known = {
  ref: 'd', name: 'Центр', version: 3, mode: 'live', changed: ['phone'], history: [],
  settings: { radius_m: setting(300, 300, 'file'), phone: setting('112', '', 'page') } as Record<Key, Setting>,
} satisfies DivisionSettings

describe('a draft', () => {
  it('has only what differs from what holds', () => {
    const draft = changed(known, {}, 'radius_m', 500)
    expect(draft).toEqual({ radius_m: 500 })
    expect(valueOf(known, draft, 'radius_m')).toBe(500)
    expect(changed(known, draft, 'radius_m', 300)).toEqual({})
  })

  it('goes back to the file: by null where a page had changed it, else by forgetting', () => {
    expect(undone(known, { radius_m: 500 }, 'radius_m')).toEqual({})
    const draft = undone(known, {}, 'phone')
    expect(draft).toEqual({ phone: null })
    expect(valueOf(known, draft, 'phone')).toBe('')
    expect([differs(known, {}, 'phone'), differs(known, draft, 'phone'), differs(known, {}, 'radius_m')]).toEqual([true, false, false])
  })
})

describe('proofs', () => {
  it('leave out what is the company’s again', () => {
    const one = withLevel({}, 'depart', 'photo', 'required')
    expect(one).toEqual({ depart: { photo: 'required' } })
    expect(withLevel(one, 'depart', 'photo', '')).toEqual({})
    expect(withLevel({ depart: { photo: 'warn', code: 'off' } }, 'depart', 'photo', '')).toEqual({ depart: { code: 'off' } })
  })

  it('are told cell by cell, and only those that changed', () => {
    const change: Change = {
      version: 4, at: '', who: 'Анна', kind: 'settings', reason: '',
      changes: { proofs: { before: { depart: { photo: 'warn', code: 'off' } }, after: { depart: { photo: 'required', code: 'off' } } } },
    }
    expect(linesOf(change)).toEqual([{ name: 'В пути, фото:', before: 'предупредить', after: 'обязательно' }])
    expect(since({ ...known, version: 4, history: [change] }, 3)).toEqual([change])
    expect(since({ ...known, version: 4, history: [change] }, 4)).toEqual([])
  })
})

describe('moved', () => {
  it('changes places and stays within the list', () => {
    expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b'])
    expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b'])
    expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b'])
  })
})
