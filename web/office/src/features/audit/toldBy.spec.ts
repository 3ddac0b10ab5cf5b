import { language } from '@shared/kit/i18n'
import { afterEach, expect, it } from 'vitest'

import { words } from './acts'
import { toldBy } from './toldBy'

afterEach(() => void (language.value = 'ru'))

it('finds acts by the words that tell them, small letters and е for ё', () => {
  expect(toldBy('выдан код')).toBe('loginCode')
  expect(toldBy('СНЯТ КУРЬЕР')).toBe('actOnDelivery?action=assign&courier=null')
  expect(toldBy('Записано «Отдал»')).toBe('actOnDelivery?action=hand_over')
  expect(toldBy('переключен режим').split(',')).toEqual(['switchMode', 'pilot.switch'])
  expect(toldBy('режим подразделения: пилот')).toBe('switchMode?mode=pilot')
  expect(toldBy('остановлена отправка')).toBe('switchDestination?state=paused')
  expect(toldBy('доступ закрыт').split(',')).toEqual(['changePerson?active=false', 'user.lock'])
})

it('finds decisions, modes and reasons wherever they were given', () => {
  expect(toldBy('товар нашёлся').split(',')).toContain('?decision=found')
  expect(toldBy('теневой режим').split(',')).toContain('?mode=shadow')
  expect(toldBy('нет дома')).toBe('?reason=not_home')
})

it('is silent about what no act says, and about a single letter', () => {
  expect([toldBy('Иванов'), toldBy('о'), toldBy('  ')]).toEqual(['', '', ''])
})

it('never tells of an act what the page shows otherwise', () => expect(toldBy('Шаг доставки')).toBe(''))

it('says what the service can read, however much it is', () => {
  const form = /^(?:[A-Za-z._]{1,40}|[A-Za-z._]{0,40}\?[a-z_]{1,40}=[a-z_]{1,40}(?:&[a-z_]{1,40}=[a-z_]{1,40}){0,3})$/
  for (const text of [...Object.values(words.operations), ...Object.values(words.steps), ...Object.values(words.decisions), 'но', 'ен', 'ка']) {
    const all = toldBy(text).split(',').filter(Boolean)
    expect(all.every((one) => form.test(one))).toBe(true)
    expect(all.length).toBeLessThan(300)
  }
})
