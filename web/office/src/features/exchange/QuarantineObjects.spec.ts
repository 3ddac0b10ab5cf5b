import { setToken } from '@shared/kit/session'
import { setQuery } from '@shared/kit/route'
import { mount } from '@shared/testing/mount'
import { wire } from '@shared/testing/wire'
import { expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import QuarantineObjects from './QuarantineObjects.vue'

const object = (id: number) => ({ id, base: 'Торговля', base_id: 'b1', kind: 'order', ref: `r${id}`, code: 'x', message: 'как есть', field: null, value: null, expects: null, refers: null, may_map: false, number: id, received_at: '2026-11-22T10:00:00Z', raw: {} })

it('keeps what is picked out while one of them is looked at, and drops it with another filter', async () => {
  setToken('person-1')
  wire((call) => (/\/\d+$/.test(call.path) ? object(1) : { objects: [object(1), object(2)], next: null }))
  const screen = mount(QuarantineObjects, {})
  const boxes = (): HTMLInputElement[] => [...screen.root.querySelectorAll<HTMLInputElement>('td input[type=checkbox]')]
  await vi.waitFor(() => expect(boxes()).toHaveLength(2))
  boxes()[1]!.click()
  setQuery({ raw: '1' })
  await nextTick()
  expect(boxes().map((box) => box.checked)).toEqual([false, true])
  setQuery({ raw: null, kind: 'order' })
  await vi.waitFor(() => expect(boxes().map((box) => box.checked)).toEqual([false, false]))
  screen.close()
})
