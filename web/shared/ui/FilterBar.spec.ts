import { go, route } from '@shared/kit/route'
import { mount } from '@shared/testing/mount'
import { nextTick } from 'vue'
import { beforeEach, expect, it, vi } from 'vitest'

import type { Filter } from './filters'
import FilterBar from './FilterBar.vue'

const FILTERS: Filter[] = [
  { kind: 'search', key: 'q', title: 'Номер, телефон, адрес' },
  { kind: 'choice', key: 'courier', title: 'Курьер', all: 'Все курьеры', options: [{ value: 'c1', title: 'Петров' }], clears: { after: null } },
  { kind: 'flag', key: 'only', title: 'Только расхождения' },
]
beforeEach(() => go('/deliveries', { division: 'd1', after: '7' }))

it('keeps each filter in the address and leaves the rest of it', async () => {
  const screen = mount(FilterBar, { filters: FILTERS })
  await screen.click('Только расхождения')
  const select = screen.root.querySelector('select')!
  select.value = 'c1'
  select.dispatchEvent(new Event('change'))
  expect({ ...route.query }).toEqual({ division: 'd1', only: '1', courier: 'c1' })
  await nextTick()
  await screen.click('Сбросить')
  expect({ ...route.query }).toEqual({ division: 'd1' })
  screen.close()
})

it('waits until typing stops, or for Enter', async () => {
  vi.useFakeTimers()
  const screen = mount(FilterBar, { filters: FILTERS })
  await screen.type('Номер', '000-1')
  expect(route.query.q).toBeUndefined()
  vi.advanceTimersByTime(250)
  expect(route.query.q).toBe('000-1')
  await screen.type('Номер', '000-12 ')
  screen.field('Номер').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }))
  expect(route.query.q).toBe('000-12')
  screen.close()
  vi.useRealTimers()
})

it('shows what the address says', () => {
  go('/deliveries', { q: 'Ленина', courier: 'c1', only: '1' })
  const screen = mount(FilterBar, { filters: FILTERS })
  expect(screen.field('Номер').value).toBe('Ленина')
  expect(screen.root.querySelector('select')!.value).toBe('c1')
  expect(screen.button('Только расхождения').getAttribute('aria-pressed')).toBe('true')
  screen.close()
})
