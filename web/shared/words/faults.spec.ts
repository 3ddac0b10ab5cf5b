import { ApiError, NoAnswer } from '@shared/api/errors'
import { expect, it } from 'vitest'

import { faultText } from './faults'

const no = (status: number, detail = '', errors: { pointer: string; detail: string }[] = []): ApiError =>
  new ApiError({ status, code: 'x', title: 'A rule says no', detail, errors })

it('shows the sentence of the service under our own title', () => {
  expect(faultText(no(422, 'Заказ уже вручён.'))).toEqual({ title: 'Так сейчас нельзя', text: 'Заказ уже вручён.' })
})
it('adds what each field is refused for', () => {
  expect(faultText(no(400, 'Не так.', [{ pointer: '/lines/0', detail: 'Не число.' }])).text).toBe('Не так. Не число.')
})
it('has words of its own when the service had none', () => {
  expect(faultText(no(502)).title).toBe('Посредник не справился')
  expect(faultText(new NoAnswer(true)).title).toBe('Нет связи')
  expect(faultText(new NoAnswer(false)).title).toBe('Посредник не отвечает')
  expect(faultText(new RangeError('not a sum')).title).toBe('Ошибка страницы')
})
