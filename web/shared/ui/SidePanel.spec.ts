import { mount } from '@shared/testing/mount'
import { defineComponent, h, nextTick, ref } from 'vue'
import { afterEach, expect, it } from 'vitest'

import SidePanel from './SidePanel.vue'

const open = ref(false)
const Page = defineComponent(() => () => [
  h('button', { onClick: () => (open.value = true) }, 'Открыть'),
  open.value ? h(SidePanel, { title: '000-123', onClose: () => (open.value = false) }, () => [h('button', 'Забрал'), h('input', { 'aria-label': 'Сумма' })]) : null,
])
afterEach(() => (open.value = false))

const key = (name: string, shiftKey = false): void =>
  void document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key: name, shiftKey, bubbles: true, cancelable: true }))

it('takes the focus, keeps Tab inside, and gives the focus back when Esc closes it', async () => {
  const screen = mount(Page, {})
  screen.button('Открыть').focus()
  await screen.click('Открыть')
  const panel = screen.root.querySelector<HTMLElement>('[role=dialog]')!
  expect(document.activeElement).toBe(panel)
  key('Tab', true)
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Сумма')
  key('Tab')
  expect(document.activeElement?.textContent.trim()).toBe('Закрыть')
  key('Escape')
  await nextTick()
  expect(screen.root.querySelector('[role=dialog]')).toBeNull()
  expect(document.activeElement?.textContent).toBe('Открыть')
  screen.close()
})
