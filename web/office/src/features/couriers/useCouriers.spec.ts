import type { CourierPhones, Device } from '@shared/api/couriers'
import { inScope } from '@shared/testing/scope'
import { expect, it, vi } from 'vitest'

import { deviceState, newDevice, tokensOf, useCouriers } from './useCouriers'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const aDevice = (changes: Partial<Device> = {}): Device => ({
  device: 'p1', entry: 'code', agent: 'Android, Chrome', app_version: '0.1.0', unsent: 0, last_seq: 4, missing: 0, first_at: '2026-11-01T00:00:00Z',
  last_at: '2026-11-22T11:00:00Z', expires_at: '2027-01-01T00:00:00Z', revoked: false, token_id: 't1',
  ...changes,
})
const aCourier = (name: string, changes: Partial<CourierPhones> = {}): CourierPhones => ({
  ref: name, name, phone: '', active: true, division: { ref: 'd1', name: 'Москва' }, bitrix24_user: null, devices: [],
  ...changes,
})

it('tells what a device may still do', () => {
  expect(deviceState(aDevice(), NOW)).toBe('works')
  expect(deviceState(aDevice({ device: '' }), NOW)).toBe('unseen')
  expect(deviceState(aDevice({ revoked: true }), NOW)).toBe('revoked')
  expect(deviceState(aDevice({ token_id: null }), NOW)).toBe('revoked')
  expect(deviceState(aDevice({ expires_at: '2026-11-22T12:00:00Z' }), NOW)).toBe('over')
  expect(deviceState(aDevice({ expires_at: null }), NOW)).toBe('works')
})

it('sees that a phone has entered, the same one with a new token, too', () => {
  const before = tokensOf(aCourier('Петров', { devices: [aDevice()] }))
  expect(newDevice(aCourier('Петров', { devices: [aDevice()] }), before)).toBeNull()
  expect(newDevice(aCourier('Петров', { devices: [aDevice({ token_id: 't2' })] }), before)?.token_id).toBe('t2')
  expect(newDevice(aCourier('Петров', { devices: [aDevice({ token_id: 't2', device: '' })] }), before)).toBeNull()
})

it('finds by any words of the name, ё as е, and puts those who work first', () => {
  vi.stubGlobal('fetch', vi.fn<typeof fetch>(() => new Promise<Response>(() => {})))
  const { value: page, stop } = inScope(() => useCouriers())
  page.data.value = { couriers: [aCourier('Алёхин Пётр', { active: false }), aCourier('Семёнов Пётр'), aCourier('Иванов Олег')] }
  expect(page.shown.value.map((one) => one.name)).toEqual(['Семёнов Пётр', 'Иванов Олег', 'Алёхин Пётр'])
  page.typed.value = ' петр семен'
  expect(page.shown.value.map((one) => one.name)).toEqual(['Семёнов Пётр'])
  stop()
  vi.unstubAllGlobals()
})
