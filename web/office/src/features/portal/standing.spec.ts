import type { Alarm, Method } from '@shared/api/portal'
import { describe, expect, it } from 'vitest'

import { LOOKS, methodTone, shareOf, tabOf, taskUrl } from './standing'
import { p } from './words'

const method = (changed: Partial<Method>): Method => ({
  method: 'tasks.task.add', calls: 1, refused: 0, operating_s: 100, limit_s: 480, learned: false, reset_at: null, rests_s: 0, why: '', code: '',
  at: '2026-11-22T10:00:00Z', ...changed,
})
const alarm = (code: string): Alarm => ({ code, subject: '', level: 'red', since: null, title: '', text: '', todo: '' })

describe('how a method stands', () => {
  it('is a share of its limit, never above all of it', () => {
    expect(shareOf(method({ operating_s: 240 }))).toBe(0.5)
    expect(shareOf(method({ operating_s: 700 }))).toBe(1)
  })
  it('is not known without a limit or a figure', () => {
    expect(shareOf(method({ limit_s: null }))).toBeNull()
    expect(shareOf(method({ operating_s: null }))).toBeNull()
  })
  it('stands out when it is near its limit, more so when it rests', () => {
    expect(methodTone(method({}))).toBeNull()
    expect(methodTone(method({ operating_s: 360 }))).toBe('amber')
    expect(methodTone(method({ rests_s: 12 }))).toBe('red')
  })
})

describe('words', () => {
  it('has one for each state', () => {
    expect(Object.keys(p.states)).toEqual(Object.keys(LOOKS))
  })
})

describe('an alarm', () => {
  it('leads to the tab where it is mended', () => {
    expect(tabOf(alarm('portal_stopped'))).toBe('portal')
    expect(tabOf(alarm('dead_letters'))).toBe('dead')
    expect(tabOf(alarm('disk_low'))).toBeUndefined()
  })
})

it('a task has its page on the portal', () => {
  expect(taskUrl('https://p.example', 7)).toBe('https://p.example/company/personal/user/0/tasks/task/view/7/')
})
