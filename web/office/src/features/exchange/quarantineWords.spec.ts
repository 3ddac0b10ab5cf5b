import type { Unread } from '@shared/api/quarantine'
import { expect, it } from 'vitest'

import { fieldTitle } from './kinds'
import { reasonText } from './quarantineWords'

const unread = (more: Partial<Unread>): Unread => ({
  base: 'Торговля', base_id: 'b1', kind: 'order', code: 'unreadable_value', message: 'как записано', field: 'division', value: 'Отдел', expects: 'guid', refers: 'division', may_map: true, ...more,
})

it('says a reason as a person would', () => {
  expect(reasonText(unread({}))).toBe('Подразделение: «Отдел» — не ссылка (вид «Подразделение»)')
  expect(reasonText(unread({ field: 'lines.quantity', value: '2 шт', expects: 'quantity', refers: null }))).toContain('Количество (в строке): «2 шт» — не количество')
  expect(reasonText(unread({ code: 'missing_field', value: '' }))).toBe('Подразделение: пусто, а без этого не применить')
  expect(reasonText(unread({ code: 'unknown_kind', kind: 'дело', field: 'kind' }))).toContain('«дело»')
  expect(reasonText(unread({ value: null }))).toBe('Подразделение: значение не читается')
})

it('tells what has no words of its own as it was written down', () => {
  expect(reasonText(unread({ field: null, expects: null }))).toBe('как записано')
  expect(reasonText(unread({ code: 'strange' }))).toBe('как записано')
})

it('names fields within lines and parts, and unknown ones as they are', () => {
  expect([fieldTitle('order', 'lines.product'), fieldTitle('order', 'window.from'), fieldTitle('order', 'colour'), fieldTitle('order', '')]).toEqual(['Товар (в строке)', 'Доставить с', 'colour', 'Заказ'])
})
