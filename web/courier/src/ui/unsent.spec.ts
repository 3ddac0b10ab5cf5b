import { expect, it } from 'vitest'

import { unsentWords } from './unsent'

const queue = (unsent: number, photos_unsent: number, attention = 0) => ({ unsent, photos_unsent, attention })

it('always says how much is not sent', () => {
  expect(unsentWords(queue(0, 0))).toBe('Всё отправлено')
  expect(unsentWords(queue(3, 2))).toBe('3 не отправлено, 2 фото')
  expect(unsentWords(queue(0, 2))).toBe('2 фото не отправлено')
  expect(unsentWords(queue(1, 0))).toBe('1 не отправлено')
})

it('puts what was not accepted first and does not hide the rest behind it', () => {
  expect(unsentWords(queue(3, 2, 1))).toBe('1 шаг не принят, 3 не отправлено, 2 фото')
})
