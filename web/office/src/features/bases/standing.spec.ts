import type { Load, LoadedKind, SeenBase } from '@shared/api/bases'
import { describe, expect, it } from 'vitest'

import { countText, percent, phaseOf, progressOf, saidOf, standing, troubles } from './standing'

const none = { count: 0, more: false }
const aBase = (more: Partial<SeenBase> = {}): SeenBase => ({
  id: 'b1', name: 'Торговля', time_zone: 'Europe/Moscow', mode: 'pull', encoding: 'json', epoch: 'e', epoch_no: 1, epoch_at: null, epoch_reason: '', instance: 'i', last_accepted: 1,
  heard_at: null, message_at: null, gaps: [], missing: 0, silent: false, restored: null, objects: null, waiting: { objects: none, commands: none, oldest_at: null }, quarantined: none,
  outgoing: { waiting: 0, given: 0, dead: 0, oldest_s: null, state: 'open', why: '' }, load: null, loadable: false, ...more,
})
const aSet = (more: Partial<LoadedKind> = {}): LoadedKind => ({ kind: 'product', state: 'waiting', done: 0, total: 10, bad: 0, theirs: null, ours: null, differing: 0, ...more })
const aLoad = (more: Partial<Load> = {}): Load => ({
  id: 1, base: 'b1', state: 'running', kind: 'product', done: 3, total: 10, bad: 0, rate: 1, left_s: 7, reads: true, asked_by: 'А', started_at: '', finished_at: null, errors: [], sets: [aSet({ done: 3 })], ...more,
})

describe('a base', () => {
  it('works when nothing is wrong', () => expect(standing(aBase())).toBe('works'))
  it('that never called is only that', () => expect(troubles(aBase({ epoch: null, silent: true, missing: 3 }))).toEqual(['never']))
  it('is called by the worst, and all is told', () => {
    const outgoing = { ...aBase().outgoing, dead: 2, state: 'paused' as const }
    expect(troubles(aBase({ silent: true, missing: 1, outgoing }))).toEqual(['silent', 'refuses', 'gaps', 'paused'])
  })
  it('that was restored is in doubt until the service says that it has confirmed everything', () => {
    const restored = { at: null, reason: '', lost: 0, compared: 2, agreed: 2, left: [{ kind: 'order', slice: '2026-09', count: 3 }] }
    expect(standing(aBase({ restored }))).toBe('doubt')
    expect(standing(aBase({ restored: null, confirmed_at: '2026-11-22T10:00:00Z' }))).toBe('works')
  })
})

describe('a load', () => {
  it('is read, then compared', () => {
    expect(phaseOf(aLoad())).toBe('reading')
    expect(phaseOf(aLoad({ sets: [aSet({ state: 'checked' }), aSet({ state: 'read' })] }))).toBe('checking')
    expect(progressOf(aLoad({ sets: [aSet({ state: 'checked' }), aSet({ state: 'read' })] }))).toEqual({ value: 1, max: 2 })
  })
  it('that nobody reads says so, also before its first page', () => {
    expect(phaseOf(aLoad({ reads: false }))).toBe('unread')
    expect(phaseOf(aLoad({ sets: [] }))).toBe('reading')
  })
  it('that is done agrees only if counts and objects do', () => {
    const done = (set: Partial<LoadedKind>): string => phaseOf(aLoad({ state: 'done', sets: [aSet({ state: 'checked', theirs: 5, ours: 5, ...set })] }))
    expect([done({}), done({ differing: 1 }), done({ ours: 4 })]).toEqual(['agrees', 'differs', 'differs'])
  })
  it('is never at 100 % before its end, nor above it', () => {
    expect(percent({ value: 9999, max: 10_000 })).toBe(99)
    expect(percent(progressOf(aLoad({ done: 12, total: 10 })))).toBe(100)
    expect(percent({ value: 5, max: null })).toBe(null)
  })
  it('that failed tells its last sentence apart from what was noted before', () => {
    expect(saidOf(aLoad({ state: 'failed', errors: ['нет поля', '1С не отвечает'] }))).toEqual({ fault: '1С не отвечает', notes: ['нет поля'] })
    expect(saidOf(aLoad({ errors: ['нет поля'] }))).toEqual({ fault: null, notes: ['нет поля'] })
  })
})

it('a count that was cut off says that there are more', () => {
  expect(countText({ count: 10_000, more: true })).toBe('10\u202f000+')
  expect(countText({ count: 7, more: false })).toBe('7')
})
