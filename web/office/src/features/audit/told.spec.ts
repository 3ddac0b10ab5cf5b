import type { Act, Names } from '@shared/api/people'
import { expect, it } from 'vitest'

import { aboutOf, told } from './told'

const [ORDER, DELIVERY, COURIER] = ['1', '2', '3'].map((n) => `0b9c0f0e-0000-4000-8000-00000000000${n}`) as [string, string, string]
const NAMES: Names = {
  [DELIVERY]: { kind: 'order', title: 'ИМ-000123', ref: ORDER }, [COURIER]: { kind: 'courier', title: 'Петров Иван', ref: COURIER },
  'destination:3': { kind: 'destination', title: 'Битрикс24', ref: 'bitrix24' },
}
const anAct = (operation: string, changes: Partial<Act> = {}): Act => ({
  id: 1, at: '2026-11-22T10:00:00Z', who: 'person:1', name: 'Анна', action: 'delivery.act', operation, subject: '', division: null, outcome: 'done', outcome_text: null, data: {}, ...changes,
})
const all = (): boolean => true

it('says which step, decision or mode it was, not only that there was one', () => {
  expect([
    anAct('actOnDelivery', { data: { action: 'settle' } }), anAct('actOnDelivery', { data: { action: 'assign', courier: null } }), anAct('decideIncident', { data: { decision: 'explained' } }),
    anAct('switchMode', { data: { mode: 'pilot' } }), anAct('switchDestination', { data: { state: 'paused' } }), anAct('markTrial', { data: { trial: false } }),
    anAct('changePerson', { data: { active: false } }), anAct('changePerson', { data: { roles: [] } }), anAct('user.roles'), anAct('actOnLoad', { data: { action: 'stop' } }),
  ].map(told)).toEqual([
    'Записано «Сдал деньги»', 'Снят курьер', 'Решение по случаю: объяснено', 'Переключён режим подразделения: пилот', 'Остановлена отправка', 'Снята пометка «пробный»',
    'Доступ закрыт', 'Изменена учётная запись', 'Изменены роли', 'Первая загрузка базы: остановлена',
  ])
})

it('leads to the order and to the courier by their names', () => {
  const act = anAct('actOnDelivery', { subject: DELIVERY, data: { action: 'assign', courier: COURIER } })
  expect(aboutOf(act, NAMES, all)).toEqual([
    { title: 'ИМ-000123', href: `#/way?q=${ORDER}` }, { title: 'Петров Иван', href: `#/deliveries?courier=${COURIER}` },
  ])
  expect(aboutOf(act, NAMES, (right) => right !== 'way.see')[0]).toEqual({ title: 'ИМ-000123', href: null })
  expect(aboutOf(anAct('countCash', { action: 'cash.count', data: { courier: COURIER } }), NAMES, all)).toEqual([{ title: 'Петров Иван', href: `#/cash?courier=${COURIER}` }])
  expect(aboutOf(anAct('switchDestination', { subject: '3' }), NAMES, all)).toEqual([{ title: 'Битрикс24', href: '#/exchange' }])
})

it('calls by its name what had no id yet', () => {
  expect(aboutOf(anAct('addPerson', { data: { login: 'anna', name: 'Анна' } }), {}, all)).toEqual([{ title: 'Анна', href: null }])
})

it('shows numbers and logins as they are, and no ids of machines', () => {
  const titles = (operation: string, subject: string): string[] => aboutOf(anAct(operation, { subject }), {}, all).map((one) => one.title)
  expect([titles('markTrial', '000123'), titles('signIn', 'anna'), titles('skip', 'lane 5, 12'), titles('putPhoto', 'ab'.repeat(32)), titles('sendNow', '5'), titles('actOnDelivery', DELIVERY)])
    .toEqual([['000123'], ['anna'], ['очередь 5, сообщение 12'], ['фото abababab'], [], []])
})
