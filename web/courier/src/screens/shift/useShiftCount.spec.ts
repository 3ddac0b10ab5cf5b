import { LOADS } from '@courier/testing/day'
import { fixture, useDay } from '@courier/testing/fixture'
import { calm, opened, press, start } from '@courier/testing/screen'
import type { Screen } from '@shared/testing/mount'
import { afterEach, expect, it } from 'vitest'

import ShiftScreen from './ShiftScreen.vue'

let screen: Screen
afterEach(() => screen.close())

it('accepts what the warehouse loaded with the count of the start', async () => {
  start([], { shift: null, backpack_loads: LOADS })
  screen = await opened(ShiftScreen, { end: 'open' })
  await screen.type('Сосчитано', '2000')
  await screen.type('Чай', '11')
  await screen.click('Всё совпадает')
  await press(screen)
  await calm()
  expect(fixture.recorded.map((one) => one.type)).toEqual(['backpack.accept', 'shift.open'])
  const [load, shift] = fixture.recorded
  expect(load).toMatchObject({ version: 4, payload: { loads: ['l1'], lines: [{ product: 'p2', characteristic: 'c2', quantity: '9' }, { product: 'p3', quantity: '1' }] } })
  expect(shift?.payload).toMatchObject({ cash: '2000.00' })
  expect(shift?.payload.goods).toContainEqual({ product: 'p2', characteristic: 'c2', quantity: '11' })
  expect(useDay().day?.backpack_loads).toEqual([])
})

it('counts the whole backpack at the end and accepts nothing by it', async () => {
  start([], { backpack_loads: LOADS })
  const { useQueue } = await import('@courier/testing/fixture')
  useQueue().items = []
  screen = await opened(ShiftScreen, { end: 'close' })
  await screen.type('Сосчитано', '6110')
  await screen.click('Всё совпадает')
  await press(screen)
  expect(fixture.recorded.map((one) => one.type)).toEqual(['shift.close'])
  expect(fixture.recorded[0]?.payload.goods).toHaveLength(6)
})
