import Dexie from 'dexie'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { Database, stored } from './database'
import { useDrafts } from './drafts'
import { alone } from './lock'
import { createNet } from './net'
import { compressPhoto } from './photos'
import { fitted } from './picture'
import { distanceM, locate } from './place'
import { aPhone, aPicture, Phone } from './testing/world'

const failing = (name: string): Error => Object.assign(new Error(name), { name })

describe('the database', () => {
  it('is opened anew when the system has closed it, and the work is done', async () => {
    const db = new Database('iphone')
    await db.open()
    let tries = 0
    const work = async (): Promise<string> => {
      tries += 1
      if (tries < 3) throw failing('UnknownError')
      await db.put('tick', 1)
      return 'done'
    }
    expect(await stored(db, work)).toBe('done')
  })

  it('that stays broken is said aloud', async () => {
    const db = new Database('broken')
    await expect(stored(db, () => Promise.reject(failing('DatabaseClosedError')))).rejects.toMatchObject({ code: 'storage_broken' })
  })

  it('that is full is said aloud, also when the reason hides in an aborted transaction', async () => {
    const hidden = new Dexie.AbortError('aborted', failing('QuotaExceededError'))
    await expect(stored(new Database('full'), () => Promise.reject(hidden))).rejects.toMatchObject({ code: 'storage_full' })
  })

  it('lets every other fault through as it is', async () => {
    await expect(stored(new Database('other'), () => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError)
  })
})

describe('what is not the service', () => {
  const ask = (response: () => Response) => createNet(() => undefined, async () => response()).call('GET', '/courier/ping')
  const json = { 'content-type': 'application/json' }

  it('is a page of a captive portal', async () => {
    await expect(ask(() => new Response('<html>', { headers: { 'content-type': 'text/html' } }))).rejects.toMatchObject({ code: 'no_connection' })
    await expect(ask(() => new Response('{}', { status: 511, headers: json }))).rejects.toMatchObject({ code: 'no_connection' })
  })

  it('is half an answer', async () => {
    await expect(ask(() => new Response('{"server', { headers: json }))).rejects.toMatchObject({ code: 'no_connection' })
  })

  it('but a gateway that says «later» speaks for it', async () => {
    const answer = await ask(() => new Response('<html>', { status: 503, headers: { 'retry-after': '7' } }))
    expect(answer).toMatchObject({ status: 503, retryAfterMs: 7000, body: null })
  })

  it('and redirects, cookies and the browser’s cache are kept out', async () => {
    const seen: RequestInit[] = []
    const net = createNet(() => undefined, async (_url, init) => {
      seen.push(init ?? {})
      return new Response('{"server_time":"2026-11-22T07:00:00Z"}', { headers: json })
    })
    await net.call('POST', '/courier/events', { token: 'T', body: {} })
    expect(seen[0]).toMatchObject({ redirect: 'error', credentials: 'omit', cache: 'no-store', headers: { authorization: 'Bearer T' } })
  })

  it('and every answer that tells the time teaches the clock', async () => {
    const learned: number[] = []
    const ahead = (): string => JSON.stringify({ server_time: new Date(Date.now() + 60_000).toISOString() })
    await createNet((offset) => learned.push(offset), async () => new Response(ahead(), { headers: json })).call('GET', '/courier/ping')
    expect(Math.abs((learned[0] ?? 0) - 60_000)).toBeLessThan(1000)
  })
})

describe('one sender at a time', () => {
  it('holds over tabs by a lease where there are no locks, and the lease of a dead tab ends', async () => {
    const phone = new Phone()
    const other = phone.tab()
    const inside: boolean[] = []
    await alone(phone.db, 'sender', async () => void inside.push(await alone(other.db, 'sender', async () => undefined, undefined)), undefined)
    expect(inside).toEqual([false])
    await phone.db.put('lease', { owner: 'dead', until: Date.now() - 1 })
    expect(await alone(other.db, 'sender', async () => undefined, undefined)).toBe(true)
    expect(await phone.db.get('lease')).toBeUndefined()
  })
})

describe('photos', () => {
  const encoder = async () => ({ content: aPicture('picture'), thumb: aPicture('thumb'), width: 1600, height: 1200 })

  it('are named by the hash of their bytes and are there after a kill', async () => {
    const phone = await aPhone()
    const taken = await compressPhoto(new Blob(), phone.core, encoder)
    expect(taken).toMatchObject({ bytes: 7, width: 1600, height: 1200, taken_at: '2026-11-22T07:00:00.000Z' })
    expect(taken.sha256).toBe('2cea274d0bedc39ec4ab6ba9e59ec889e3ed6fb56a1cf088a64d9b383378dc97')
    expect(await phone.killed().db.photos.get(taken.sha256)).toMatchObject({ state: 'draft', bytes: 7, type: 'image/jpeg' })
  })

  it('taken twice stay bound to the step they belong to', async () => {
    const phone = await aPhone()
    const { sha256 } = await compressPhoto(new Blob(), phone.core, encoder)
    await phone.db.photos.update(sha256, { state: 'waiting' })
    await compressPhoto(new Blob(), phone.core, encoder)
    expect((await phone.db.photos.get(sha256))?.state).toBe('waiting')
  })

  it('that cannot be read are said aloud', async () => {
    const phone = await aPhone()
    const broken = compressPhoto(new Blob(), phone.core, () => Promise.reject(new Error('no picture')))
    await expect(broken).rejects.toMatchObject({ code: 'photo_unreadable' })
  })

  it('are made smaller, never larger', () => {
    expect(fitted(4000, 3000, 1600)).toEqual([1600, 1200])
    expect(fitted(1080, 2400, 1600)).toEqual([720, 1600])
    expect(fitted(640, 480, 1600)).toEqual([640, 480])
    expect(fitted(9000, 1, 1600)).toEqual([1600, 1])
  })
})

describe('drafts', () => {
  it('bring the courier back to where he was, with what he typed', async () => {
    const phone = await aPhone()
    await useDrafts(phone.core).save('d1', 'hand_over', { amount: '2280' })
    await useDrafts(phone.later(1).core).save('d2', 'not_deliver', { reason: 'no_one' })
    const drafts = useDrafts(phone.killed().core)
    expect(await drafts.newest()).toEqual({ delivery: 'd2', step: 'not_deliver' })
    expect(await drafts.load('d1', 'hand_over')).toEqual({ amount: '2280' })
    await drafts.clear('d2', 'not_deliver')
    expect(await drafts.newest()).toEqual({ delivery: 'd1', step: 'hand_over' })
  })
})

describe('the place', () => {
  afterEach(() => vi.unstubAllGlobals())

  const withGps = (getCurrentPosition: Geolocation['getCurrentPosition']) =>
    vi.stubGlobal('navigator', { geolocation: { getCurrentPosition } })

  it('is asked once, precisely, with a fix of the last half minute', async () => {
    const asked: unknown[] = []
    withGps((done, _fail, options) => {
      asked.push(options)
      done({ coords: { latitude: 55.75, longitude: 37.61, accuracy: 9 } } as GeolocationPosition)
    })
    expect(await locate()).toEqual({ latitude: 55.75, longitude: 37.61, accuracy_m: 9 })
    expect(asked).toEqual([{ enableHighAccuracy: true, timeout: 10_000, maximumAge: 5_000 }])
  })

  it.each([
    [1, 'denied'],
    [2, 'unavailable'],
    [3, 'timeout'],
  ])('that is refused with %i is «%s»', async (code, said) => {
    withGps((_done, fail) => fail?.({ code } as GeolocationPositionError))
    expect(await locate()).toBe(said)
  })

  it('is «timeout» when the question for permission is never answered, «not_supported» in a bare frame', async () => {
    withGps(() => undefined)
    expect(await locate(-490)).toBe('timeout')
    vi.stubGlobal('navigator', {})
    expect(await locate()).toBe('not_supported')
  })

  it('lies as far away as the earth is round', () => {
    const [moscow, petersburg] = [{ latitude: 55.7558, longitude: 37.6173 }, { latitude: 59.9343, longitude: 30.3351 }]
    expect(distanceM(moscow, petersburg) / 1000).toBeCloseTo(633, -1)
    expect(distanceM(moscow, moscow)).toBe(0)
  })
})
