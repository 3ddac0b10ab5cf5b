import { aDelivery, aLine } from '@courier/testing/day'
import { fixture } from '@courier/testing/fixture'
import { missing, opened, press, start, takePhoto } from '@courier/testing/screen'
import type { Screen } from '@shared/testing/mount'
import { afterEach, beforeEach, expect, it } from 'vitest'

import PickUpScreen from './PickUpScreen.vue'

let screen: Screen
const delivery = aDelivery({ stage: 'ready', goods_out: false, lines: [aLine({ quantity: '3' }), aLine({ line: '2', name: 'Плед' })] })

beforeEach(() => start([delivery]))
afterEach(() => screen.close())

it('asks for the count of each line before anything is taken', async () => {
  screen = await opened(PickUpScreen, { delivery })
  expect(missing(screen)).toBe('Не хватает: счёт товаров')
  screen.root.querySelector<HTMLButtonElement>('[aria-label="Совпадает: Плед"]')!.click()
  await press(screen)
  expect(fixture.recorded).toEqual([])
})

it('records what was counted, less than planned too', async () => {
  screen = await opened(PickUpScreen, { delivery })
  screen.root.querySelector<HTMLButtonElement>('[aria-label^="меньше: Термос"]')!.click()
  await screen.click('Всё совпадает')
  await takePhoto(screen)
  expect(screen.text()).toContain('Забрал не всё')
  await press(screen)
  expect(fixture.recorded[0]).toMatchObject({ type: 'delivery.pick_up', payload: { lines: [{ line: '1', quantity: '2' }, { line: '2', quantity: '1' }] } })
})

it('takes no more than the order has', async () => {
  screen = await opened(PickUpScreen, { delivery })
  await screen.click('Всё совпадает')
  await screen.type('Плед', '2')
  expect(screen.text()).toContain('Введите число от 0 до 1.')
  expect(missing(screen)).toBe('Не хватает: количество товара')
})
