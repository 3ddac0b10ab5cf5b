import { mount } from '@shared/testing/mount'
import { defineComponent, h, nextTick, ref } from 'vue'
import { expect, it } from 'vitest'

import AppTabs from './AppTabs.vue'

it('is walked by arrows and names the part that is shown', async () => {
  const chosen = ref('lanes')
  const tabs = [{ value: 'lanes', title: 'Очереди', count: 3 }, { value: 'dead', title: 'Остановленные' }]
  const Page = defineComponent(() => () =>
    h(AppTabs, { label: 'Части', tabs, modelValue: chosen.value, 'onUpdate:modelValue': (now: string) => (chosen.value = now) }, () => h('p', chosen.value)))
  const screen = mount(Page, {})
  const list = screen.root.querySelector('[role=tablist]')!
  const press = async (key: string): Promise<void> => {
    list.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
    await nextTick()
  }
  await press('ArrowRight')
  expect(chosen.value).toBe('dead')
  expect(screen.root.querySelector('[role=tabpanel]')?.textContent).toBe('dead')
  await press('ArrowRight')
  expect(chosen.value).toBe('lanes')
  await press('End')
  expect(screen.root.querySelector('[aria-selected=true]')?.textContent).toBe('Остановленные')
  screen.close()
})
