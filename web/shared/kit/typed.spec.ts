import { inScope } from '@shared/testing/scope'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { route, setQuery } from './route'
import { useTyped } from './typed'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('keeps what is typed in the address, and types on while that is ahead of it', async () => {
  const { value: typed, stop } = inScope(useTyped)
  typed.value = 'Пет'
  await vi.advanceTimersByTimeAsync(300)
  expect(route.query.q).toBe('Пет')
  typed.value = 'Петров '
  await vi.advanceTimersByTimeAsync(300)
  expect([typed.value, route.query.q]).toEqual(['Петров ', 'Петров'])
  stop()
})

it('follows a link or the way back that searches for something else', async () => {
  const { value: typed, stop } = inScope(useTyped)
  typed.value = 'Петров'
  await vi.advanceTimersByTimeAsync(300)
  setQuery({ q: null })
  await nextTick()
  expect(typed.value).toBe('')
  await vi.advanceTimersByTimeAsync(300)
  expect(route.query.q).toBeUndefined()
  stop()
})
