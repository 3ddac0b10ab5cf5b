import type { MapField } from '@shared/api/quarantine'
import { mount } from '@shared/testing/mount'
import { expect, it } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'

import OursField from './OursField.vue'

const field = (name = 'quantity'): MapField => ({ field: name, type: 'text' as MapField['type'], refers: null, required: true, values: [] })

it('keeps what was typed when the fields are read anew, and drops it for another field', async () => {
  const [now, ours] = [ref(field()), ref('')]
  const screen = mount(defineComponent(() => () => h(OursField, { base: 'b1', field: now.value, modelValue: ours.value, 'onUpdate:modelValue': (to: string) => void (ours.value = to) })), {})
  ours.value = '2'
  now.value = field()
  await nextTick()
  expect(ours.value).toBe('2')
  now.value = field('price')
  await nextTick()
  expect(ours.value).toBe('')
  screen.close()
})
