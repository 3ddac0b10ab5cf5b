import type { DeliveryStep } from '@shared/api/incidents'
import { expect, it } from 'vitest'

import { formatMetres, stepPlace, stepTimes } from './stepWords'

const local = (time: string): string => new Date(`2026-11-22T${time}:00`).toISOString()
const NOW = Date.parse(local('18:00'))

const aStep = (changes: Partial<DeliveryStep> = {}): DeliveryStep => ({
  event_id: 'e1', action: 'hand_over', title: 'Отдал', state: 'accepted', courier: null, at_device: local('14:05'), occurred_at: local('14:05'),
  received_at: local('14:05'), distance_m: null, accuracy_m: null, geo_error: null, photos: [], flags: [], code: '', message: '',
  ...changes,
})

it('names both times only when they differ', () => {
  expect(stepTimes(aStep(), NOW)).toBe('14:05')
  expect(stepTimes(aStep({ received_at: local('15:40') }), NOW)).toBe('сделано 14:05, дошло 15:40')
  expect(stepTimes(aStep({ at_device: local('14:25') }), NOW)).toBe('14:05, часы телефона показывали 14:25')
})

it('says where a step was done, or why that is not known', () => {
  expect(stepPlace(aStep({ distance_m: 35, accuracy_m: 12 }))).toBe('35 м от адреса, точность ±12 м')
  expect(stepPlace(aStep({ distance_m: 5240 }))).toBe('5,2 км от адреса')
  expect(stepPlace(aStep({ geo_error: 'denied' }))).toBe('без места: доступ запрещён на телефоне')
  expect(stepPlace(aStep({ geo_error: 'мартышка' }))).toBe('без места: телефон не назвал причину')
  expect(stepPlace(aStep({ accuracy_m: 20 }))).toBe('место есть, у адреса нет координат, точность ±20 м')
  expect(stepPlace(aStep())).toBe('без места')
  expect(stepPlace(aStep({ event_id: null }))).toBe('записано в офисе')
})

it('speaks of metres below a kilometre', () => {
  expect([0, 999, 1000, 12_345].map(formatMetres)).toEqual(['0 м', '999 м', '1,0 км', '12,3 км'])
})
