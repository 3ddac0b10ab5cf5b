/** Links that the courier's own map application opens. On foot; by coordinates where they are known. Pure. */

import type { Address } from '@courier/engine'

import type { MapChoice } from '../ui/settings'

export type MapName = Exclude<MapChoice, 'ask'>

export function mapLink(map: MapName, address: Address, apple = isApple()): string {
  const { latitude, longitude } = address
  const known = latitude !== undefined && longitude !== undefined
  const text = encodeURIComponent(address.text)
  if (map === 'yandex') return `https://yandex.ru/maps/?rtext=~${known ? `${latitude},${longitude}` : text}&rtt=pd`
  if (map === 'gis') return known ? `https://2gis.ru/directions/tab/pedestrian/points/%7C${longitude}%2C${latitude}` : `https://2gis.ru/search/${text}`
  if (apple) return `https://maps.apple.com/?daddr=${known ? `${latitude},${longitude}` : text}&dirflg=w`
  return known ? `geo:${latitude},${longitude}?q=${latitude},${longitude}(${text})` : `geo:0,0?q=${text}`
}

const isApple = (): boolean => /iPhone|iPad|Macintosh/.test(navigator.userAgent)
