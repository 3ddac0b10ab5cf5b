import type { CashCourier } from '@shared/api/cash'
import { setToken } from '@shared/kit/session'
import { mount } from '@shared/testing/mount'
import { wire } from '@shared/testing/wire'
import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import CashDesk from './CashDesk.vue'
import CourierLines from './CourierLines.vue'

const COURIER: CashCourier = { ref: 'c1', name: 'Пётр', division: { ref: 'd1', name: 'Центр' }, requested: null, last_hand_in: null, ceiling_state: 'none' }

beforeEach(() => setToken('person-1'))

it('says what became of the change that was given, also to who looked elsewhere meanwhile', async () => {
  const calls = wire()
  const screen = mount(CashDesk, { courier: COURIER, open: null, me: 'Анна' })
  await screen.click('Выдать размен')
  await screen.type('Сколько выдаёте', '500')
  screen.root.querySelector('form.change')!.dispatchEvent(new Event('submit', { cancelable: true }))
  await vi.waitFor(() => expect(calls).toHaveLength(1))
  await screen.click('Движения')
  calls[0]!.answer({})
  await screen.click('Выдать размен')
  await vi.waitFor(() => expect(screen.root.querySelector('form.change')!.textContent).toContain('500'))
  screen.close()
})

it('keeps the decision on a difference that is being typed when a renewal has another difference', async () => {
  let difference = '-300.00'
  let readings = 0
  wire((call) => (call.method === 'GET' ? ((readings += 1), { courier: { ref: 'c1', name: 'Пётр' }, to_hand_in: '0.00', difference, lines: [] }) : undefined))
  const screen = mount(CourierLines, { courier: 'c1', blind: false, shown: true })
  await vi.waitFor(() => expect(screen.text()).toContain('300'))
  screen.root.querySelector<HTMLButtonElement>('section button')!.click()
  await nextTick()
  const reason = screen.root.querySelector('textarea')!
  reason.value = 'Недосчитались'
  reason.dispatchEvent(new Event('input'))
  difference = '0.00'
  dispatchEvent(new Event('online')) // reads at once
  await vi.waitFor(() => expect(readings).toBe(2))
  await nextTick()
  expect(screen.root.querySelector('textarea')?.value).toBe('Недосчитались')
  screen.close()
})
