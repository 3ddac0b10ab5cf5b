import type { CourierMapping, Mappings } from '@shared/api/settings'
import { setToken } from '@shared/kit/session'
import { mount } from '@shared/testing/mount'
import { wire } from '@shared/testing/wire'
import { expect, it, vi } from 'vitest'

import MappingsTab from './MappingsTab.vue'

const courier = (ref: string, name: string, suggests: boolean): CourierMapping => ({
  ref, name, active: true, division: { ref: 'd1', name: 'Центр' }, said: '', user: '', user_name: null, source: '1c', version: 3,
  who: null, at: null, reason: null, warehouses: [], wrong: [], suggestion: suggests ? { user: '8', name: 'Илья Петров', by: 'phone' } : null,
})
const MAPPINGS: Mappings = {
  couriers: [courier('c1', 'Илья', true), courier('c2', 'Пётр', false)], divisions: [], default_group: true, people: null, projects: [], portal: false,
  reading: { read_at: null, users: 0, projects: 0, why: '' },
}

it('leaves the window open that somebody types in when another press is answered', async () => {
  setToken('person-1')
  const calls = wire((call) => (call.method === 'GET' ? MAPPINGS : undefined))
  const screen = mount(MappingsTab, {})
  await vi.waitFor(() => expect(screen.text()).toContain('Пётр'))
  screen.root.querySelector<HTMLButtonElement>('.found button')!.click()
  const [, change] = [...screen.root.querySelectorAll<HTMLButtonElement>('button')].filter((one) => one.getAttribute('aria-label')?.startsWith('Изменить'))
  change!.click()
  await vi.waitFor(() => expect(document.querySelector('dialog')).not.toBeNull())
  calls.find((call) => call.method === 'PUT')!.answer({})
  await vi.waitFor(() => expect(screen.root.querySelector('[role=status]')).not.toBeNull())
  await vi.waitFor(() => expect(calls.filter((call) => call.method === 'GET').length).toBeGreaterThan(1))
  expect(document.querySelector('dialog')).not.toBeNull()
  screen.close()
})
