import { expect, it } from 'vitest'

import { asked, whyOf } from './asked'

const COURIER = '0b9c0f0e-0000-4000-8000-000000000001'
const NAMES = { [COURIER]: { kind: 'courier', title: 'Петров Иван', ref: COURIER } } as const

it('tells what was asked by names and words, lists and parts within', () => {
  const data = { action: 'assign', courier: COURIER.toUpperCase(), couriers: [COURIER], active: false, at: { day: '2026-11-22', n: 2 }, divisions: null, roles: [] }
  expect(asked(data, NAMES).map((one) => `${one.name}: ${one.value}`)).toEqual([
    'Шаг: Назначен курьер', 'Курьер: Петров Иван', 'Курьеры: Петров Иван', 'Работает: нет', 'at: День: 2026-11-22; n: 2', 'Подразделения: —', 'Роли: —',
  ])
  expect(asked({}, NAMES)).toEqual([])
})

it('shortens what only a machine reads', () => {
  expect(asked({ photos: ['a1b2c3d4'.padEnd(64, '0')], mode: 'live', action: 'unheard_of' }, {})).toEqual([
    { name: 'Фото', value: 'фото a1b2c3d4' }, { name: 'Режим', value: 'работает' }, { name: 'Шаг', value: 'unheard_of' },
  ])
})

it('says why in words, and no code that only one division knows', () => {
  expect([whyOf({ reason: 'not_home', comment: 'Звонил дважды' }), whyOf({ reason: 'own_code' }), whyOf({ reason: 'Ошиблись суммой' }), whyOf({ text: 'ok' }), whyOf({ reason: null })])
    .toEqual(['нет дома. Звонил дважды', '', 'Ошиблись суммой', 'ok', ''])
})
