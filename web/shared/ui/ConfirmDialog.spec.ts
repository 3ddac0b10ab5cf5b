import { mount } from '@shared/testing/mount'
import { expect, it } from 'vitest'

import ConfirmDialog from './ConfirmDialog.vue'

it('lets the gravest through only when its word is typed, in any case of letters', async () => {
  let confirmed = 0
  const screen = mount(ConfirmDialog, { title: 'Включить', action: 'Включить обмен', word: 'Москва', onConfirm: () => confirmed++ })
  expect(screen.button('Включить обмен').disabled).toBe(true)
  await screen.type('Чтобы продолжить', 'Моск')
  expect(screen.button('Включить обмен').disabled).toBe(true)
  await screen.type('Чтобы продолжить', ' москва ')
  expect(screen.button('Включить обмен').disabled).toBe(false)
  screen.root.querySelector('form')!.dispatchEvent(new Event('submit'))
  expect(confirmed).toBe(1)
  screen.close()
})

it('does nothing while the press before is on its way', () => {
  let confirmed = 0
  const screen = mount(ConfirmDialog, { title: 'Отозвать', action: 'Отозвать', busy: true, onConfirm: () => confirmed++ })
  screen.root.querySelector('form')!.dispatchEvent(new Event('submit'))
  expect(confirmed).toBe(0)
  screen.close()
})
