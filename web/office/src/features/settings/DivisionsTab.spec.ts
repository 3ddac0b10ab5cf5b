import { setToken } from '@shared/kit/session'
import { mount } from '@shared/testing/mount'
import { wire } from '@shared/testing/wire'
import { expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import DivisionsTab from './DivisionsTab.vue'

const division = (ref: string) => ({ ref, name: ref, version: 1, mode: 'live', changed: [] })

it('stays at the division that was shown when another one comes to stand before it', async () => {
  setToken('person-1')
  let divisions = [division('Центр')]
  let readings = 0
  wire((call) => (call.path.endsWith('/divisions') ? ((readings += 1), { divisions }) : undefined))
  const screen = mount(DivisionsTab, {})
  const chosen = (): string | undefined => screen.root.querySelector('select')?.value
  await vi.waitFor(() => expect(chosen()).toBe('Центр'))
  divisions = [division('Арбат'), division('Центр')]
  dispatchEvent(new Event('online')) // reads at once
  await vi.waitFor(() => expect(readings).toBe(2))
  await nextTick()
  await vi.waitFor(() => expect(screen.root.querySelectorAll('option')).toHaveLength(2))
  expect(chosen()).toBe('Центр')
  screen.close()
})
