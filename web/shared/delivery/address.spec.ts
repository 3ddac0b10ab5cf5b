import { expect, it } from 'vitest'

import { doorText } from './address'

it('says how to get to the door, and only what is known', () => {
  expect(doorText({ text: 'ул. Ленина, 10', entrance: '2', floor: '4', flat: '17', intercom: '17К' })).toBe('подъезд 2 · этаж 4 · кв. 17 · домофон 17К')
  expect(doorText({ text: 'ул. Ленина, 10' })).toBe('')
})

it('does not repeat a flat that the address names', () => {
  expect(doorText({ text: 'ул. Ленина, 10, кв. 17', flat: '17' })).toBe('')
  expect(doorText({ text: 'ул. Ленина, 10, кв. 171', flat: '17' })).toBe('кв. 17')
  expect(doorText({ text: 'ул. Ленина, 10, кв 1/2', flat: '1/2' })).toBe('')
  expect(doorText({ text: 'ул. Ленина, 10, кв. 17А', flat: '17А' })).toBe('')
  expect(doorText({ text: 'ул. Ленина, 10', flat: '1-2 (вход [со двора]) *' })).toBe('кв. 1-2 (вход [со двора]) *')
})
