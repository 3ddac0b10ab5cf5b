import { language } from '@shared/kit/i18n'
import { afterEach, expect, it } from 'vitest'

import { en } from './en'
import { known, t } from './index'
import { ru } from './ru'

afterEach(() => void (language.value = 'ru'))

function leaves(words: object, path = ''): [string, unknown][] {
  return Object.entries(words).flatMap(([key, value]) => (typeof value === 'object' ? leaves(value as object, `${path}${key}.`) : [[path + key, value] as [string, unknown]]))
}

it('says everything in both languages', () => {
  const said = { named: (key: string) => (key === 'n' ? 3 : key) }
  const text = (value: unknown): unknown => (typeof value === 'function' ? (value as (s: typeof said) => string)(said) : value)
  expect(leaves(ru).map(([key]) => key)).toEqual(leaves(en).map(([key]) => key))
  for (const [key, value] of [...leaves(ru), ...leaves(en)]) expect(text(value), key).toMatch(/\S/)
  for (const [key, value] of leaves(en)) expect(text(value), key).not.toMatch(/[а-яё]/i)
})

it('follows the language, with the forms of its numbers', () => {
  expect([1, 3, 5, 21].map((n) => t('orders.goods', { n }))).toEqual(['1 товар', '3 товара', '5 товаров', '21 товар'])
  language.value = 'en'
  expect([1, 2].map((n) => t('orders.goods', { n }))).toEqual(['1 item', '2 items'])
})

it('has words for the troubles of the engine and none for an unknown code', () => {
  expect(known('problem', 'storage_full')).toContain('кончилось место')
  expect(known('problem', 'no_such_code')).toBeNull()
})
