import { afterEach, expect, it } from 'vitest'

import { catalogue, language, plural } from './i18n'

afterEach(() => void (language.value = 'ru'))

it('speaks Russian until asked for English, and remembers', () => {
  const t = catalogue({ a: 'да', n: (n: number) => `${n} раз` }, { a: 'yes', n: (n: number) => `${n} times` })
  expect([t.a, t.n(2)]).toEqual(['да', '2 раз'])
  language.value = 'en'
  expect([t.a, t.n(2)]).toEqual(['yes', '2 times'])
  expect(localStorage.getItem('posrednik.language')).toBe('en')
  expect(document.documentElement.lang).toBe('en')
})

it('declines after numbers', () => {
  const words = [1, 2, 5, 11, 12, 21, 22, 25, 111, 101].map((n) => plural(n, 'раз', 'раза', 'разов'))
  expect(words).toEqual(['раз', 'раза', 'разов', 'разов', 'разов', 'раз', 'раза', 'разов', 'разов', 'раз'])
})
