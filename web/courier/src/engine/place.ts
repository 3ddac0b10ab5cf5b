/** One position per step, never a trail. No position is an answer too: it goes with the step and blocks nothing. */

import type { Geo, GeoError } from './types'

interface Point {
  latitude: number
  longitude: number
}

const FRESH_MS = 5_000 // a fix of the step before is not of this one
const ERRORS: Record<number, GeoError> = { 1: 'denied', 2: 'unavailable', 3: 'timeout' }

export function locate(timeoutMs = 10_000): Promise<Geo | GeoError> {
  const service = navigator.geolocation as Geolocation | undefined
  if (!service) return Promise.resolve('not_supported')
  return new Promise((done) => {
    // The time of the question for permission does not count for the browser; a courier at the door counts it.
    const limit = setTimeout(() => done('timeout'), timeoutMs + 500)
    const finish = (answer: Geo | GeoError): void => {
      clearTimeout(limit)
      done(answer)
    }
    service.getCurrentPosition(
      ({ coords }) => finish({ latitude: coords.latitude, longitude: coords.longitude, accuracy_m: coords.accuracy }),
      (fault) => finish(ERRORS[fault.code] ?? 'unavailable'),
      { enableHighAccuracy: true, timeout: timeoutMs, maximumAge: FRESH_MS },
    )
  })
}

const EARTH_M = 6_371_008.8
const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** Metres along the ground between two points, as the server computes them. */
export function distanceM(a: Point, b: Point): number {
  const [here, there] = [radians(a.latitude), radians(b.latitude)]
  const north = Math.sin((there - here) / 2) ** 2
  const east = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(north + Math.cos(here) * Math.cos(there) * east)))
}
