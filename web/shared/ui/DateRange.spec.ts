import { mount } from '@shared/testing/mount'
import { today, shifted, type Days } from '@shared/kit/days'
import { defineComponent, h, nextTick, ref } from 'vue'
import { expect, it } from 'vitest'

import DateRange from './DateRange.vue'

function a(start: Days) {
  const days = ref(start)
  const Page = defineComponent(() => () => h(DateRange, { modelValue: days.value, 'onUpdate:modelValue': (now: Days) => (days.value = now) }))
  const screen = mount(Page, {})
  const typeDay = async (label: string, text: string): Promise<void> => {
    await screen.type(label, text)
    screen.field(label).dispatchEvent(new Event('change'))
    await nextTick()
  }
  return { days, screen, typeDay }
}

it('takes typed days, and keeps the two ends in order', async () => {
  const { days, screen, typeDay } = a({ from: '2026-11-01', to: '2026-11-10' })
  await typeDay('С какого дня', '5.11.2026')
  expect(days.value).toEqual({ from: '2026-11-05', to: '2026-11-10' })
  await typeDay('По какой день', '01.11.2026')
  expect(days.value).toEqual({ from: '2026-11-01', to: '2026-11-01' })
  screen.close()
})

it('says how to write a day that does not exist, and changes nothing', async () => {
  const { days, screen, typeDay } = a({ from: '2026-11-01', to: '2026-11-10' })
  await typeDay('С какого дня', '31.02.2026')
  expect(screen.text()).toContain('Такого дня нет')
  expect(days.value.from).toBe('2026-11-01')
  screen.close()
})

it('steps by its own length and knows the usual periods', async () => {
  const now = today()
  const { days, screen } = a({ from: shifted(now, -6), to: now })
  expect(screen.root.querySelector('select')!.value).toBe('week')
  await screen.click('Раньше')
  expect(days.value).toEqual({ from: shifted(now, -13), to: shifted(now, -7) })
  const select = screen.root.querySelector('select')!
  select.value = 'yesterday'
  select.dispatchEvent(new Event('change'))
  expect(days.value).toEqual({ from: shifted(now, -1), to: shifted(now, -1) })
  screen.close()
})
