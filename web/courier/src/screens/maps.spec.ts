import { expect, it } from 'vitest'

import { mapLink } from './maps'

const known = { text: 'ул. Ленина, 10', latitude: 55.76, longitude: 37.62 }
const unknown = { text: 'ул. Ленина, 10' }

it('leads on foot to the coordinates where they are known', () => {
  expect(mapLink('yandex', known)).toBe('https://yandex.ru/maps/?rtext=~55.76,37.62&rtt=pd')
  expect(mapLink('gis', known)).toBe('https://2gis.ru/directions/tab/pedestrian/points/%7C37.62%2C55.76')
  expect(mapLink('system', known, false)).toMatch(/^geo:55\.76,37\.62\?q=55\.76,37\.62\(/)
  expect(mapLink('system', known, true)).toBe('https://maps.apple.com/?daddr=55.76,37.62&dirflg=w')
})

it('looks for the address where they are not', () => {
  for (const map of ['yandex', 'gis', 'system'] as const) expect(mapLink(map, unknown, false)).toContain(encodeURIComponent('ул. Ленина, 10'))
})
