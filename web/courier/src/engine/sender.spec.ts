import { describe, expect, it, vi } from 'vitest'

import { renewDay } from './daybook'
import { EngineError } from './errors'
import { compressPhoto } from './photos'
import { HOLD_MS, isEmpty, photoKeys, record, release, undo } from './queue'
import { pauseMs } from './sender'
import { signIn } from './session'
import { aPhone, aPicture, aStep, chanceOf, Server, type Phone } from './testing/world'
import type { NewStep } from './types'
import { itemsOf, look, needsAttention } from './view'

const act = (phone: Phone, step: Partial<NewStep> = {}): Promise<string> => record(phone.db, aStep(step), { now: phone.now, mono: 1 })
const photo = (phone: Phone, text: string): Promise<{ sha256: string }> =>
  compressPhoto(new Blob(), phone.core, async () => ({ content: aPicture(text), thumb: aPicture('t'), width: 4, height: 3 }))
const states = async (phone: Phone): Promise<string[]> => (await phone.rows()).map((row) => row.state)
const posts = (server: Server): string[] => server.calls.filter((call) => call !== 'GET /courier/ping')

async function acted(phone: Phone, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await act(phone, { delivery: `d${n}` })
  phone.later(HOLD_MS)
}

describe('sending', () => {
  it('sends events in the order of numbers, then photos, smallest first', async () => {
    const phone = await aPhone()
    const [big, small] = [await photo(phone, 'a big picture'), await photo(phone, 'small')]
    await act(phone, { photos: [big.sha256] })
    await act(phone, { delivery: 'd2', photos: [small.sha256] })
    await phone.later(HOLD_MS).sender.send('quiet')
    expect(phone.server.batches.map((batch) => batch.map((event) => event.seq))).toEqual([[1, 2]])
    expect(posts(phone.server)).toEqual([
      'POST /courier/login', 'POST /courier/events', `PUT /photos/${small.sha256}`, `PUT /photos/${big.sha256}`,
    ])
    expect(await isEmpty(phone.db)).toBe(true)
    expect(await phone.db.thumbs.count()).toBe(2)
  })

  it('sends nothing that can still be undone, nor its photos', async () => {
    const phone = await aPhone()
    const { sha256 } = await photo(phone, 'door')
    const id = await act(phone, { photos: [sha256] })
    await phone.sender.send('user')
    expect(posts(phone.server)).toEqual(['POST /courier/login'])
    expect(await undo(phone.db, id, phone.now)).toBe(true)
  })

  it('sends at most fifty in one request', async () => {
    const phone = await aPhone()
    await acted(phone, 120)
    await phone.sender.send('quiet')
    expect(phone.server.batches.map((batch) => batch.length)).toEqual([50, 50, 20])
  })

  it('halves what the server finds too large', async () => {
    const phone = await aPhone()
    await acted(phone, 50)
    phone.server.meddle = (_method, path, { body }) =>
      path === '/courier/events' && (body as { events: unknown[] }).events.length > 15 ? { status: 413 } : undefined
    await phone.sender.send('quiet')
    expect(phone.server.events.size).toBe(50)
    expect(Math.max(...phone.server.batches.map((batch) => batch.length))).toBe(13)
  })

  it('does not let one unreadable event keep back the others', async () => {
    const phone = await aPhone()
    await acted(phone, 5)
    phone.server.meddle = (_method, path, { body }) =>
      path === '/courier/events' && (body as { events: { seq: number }[] }).events.some((event) => event.seq === 3)
        ? { status: 422, body: { code: 'malformed', detail: 'Непонятно.' } }
        : undefined
    await phone.sender.send('quiet')
    expect(phone.server.seqs()).toEqual([1, 2, 4, 5])
    expect((await phone.rows())[2]).toMatchObject({ state: 'waiting', code: 'malformed', message: 'Непонятно.', tries: 1 })
  })

  it('repeats the very same event after an answer that was lost', async () => {
    const phone = await aPhone()
    await acted(phone, 3)
    phone.server.losing = 1
    await phone.sender.send('quiet')
    expect(await states(phone)).toEqual(['waiting', 'waiting', 'waiting'])
    expect(phone.state).toMatchObject({ online: false, problem: { code: 'no_connection' } })
    await phone.killed().sender.send('user')
    expect(await states(phone)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(phone.server.changed).toEqual([])
    expect(phone.server.events.size).toBe(3)
  })

  it('keeps a rejected step for ever, with the reason, and goes on with the rest', async () => {
    const phone = await aPhone()
    phone.server.rejects = (event) => event.delivery === 'd1'
    await acted(phone, 3)
    await phone.sender.send('quiet')
    expect(await states(phone)).toEqual(['accepted', 'rejected', 'accepted'])
    await phone.later(30 * 24 * 3600_000).sender.send('user')
    await renewDay(phone.core)
    const items = itemsOf(await look(phone.db), [], phone.now)
    expect(items.filter(needsAttention)).toMatchObject([{ delivery: 'd1', code: 'stage_jump', message: 'Так нельзя.' }])
  })

  it('asks again for what waits for an earlier one, and for what the server could not do now', async () => {
    const phone = await aPhone()
    await acted(phone, 2)
    let busy = true
    phone.server.meddle = (_method, path, { body }) => {
      if (path !== '/courier/events' || !busy) return undefined
      const [first, second] = (body as { events: { id: string }[] }).events
      const results = [
        { id: first?.id, status: 'retry_later', code: 'unavailable' },
        { id: second?.id, status: 'retry_later', code: 'waits_for_earlier' },
      ]
      return { body: { results, missing: [] } }
    }
    await phone.sender.send('quiet')
    expect(await states(phone)).toEqual(['waiting', 'parked'])
    expect(phone.state.next_try_at).toBeGreaterThan(phone.now)
    busy = false
    await phone.later(5000).sender.send('quiet')
    expect(await states(phone)).toEqual(['accepted', 'accepted'])
  })

  it('sends again what a restored server no longer has, and tells of what the phone no longer has', async () => {
    const phone = await aPhone()
    await acted(phone, 3)
    await phone.sender.send('quiet')
    const rows = await phone.rows()
    phone.server.events.delete(rows[0]?.id ?? '')
    await phone.db.queue.delete(rows[1]?.id ?? '')
    phone.server.events.delete(rows[1]?.id ?? '')
    await act(phone, { delivery: 'd9' })
    await phone.later(HOLD_MS).sender.send('quiet')
    expect(phone.server.seqs()).toEqual([1, 3, 4])
    expect(phone.state.gap).toMatchObject({ code: 'gap', detail: '2' })
  })

  it('keeps the queue when the login has expired; the same courier goes on with the next number', async () => {
    const phone = await aPhone()
    await acted(phone, 2)
    const device = (await phone.db.get('device'))?.id
    phone.server.tokens.clear()
    await phone.sender.send('quiet')
    expect((await phone.db.get('session'))?.token).toBeNull()
    expect(await states(phone)).toEqual(['waiting', 'waiting'])
    await signIn(phone.core, 'NEWC2345')
    await act(phone, { delivery: 'd7' })
    await phone.later(HOLD_MS).sender.send('user')
    expect(phone.server.seqs()).toEqual([1, 2, 3])
    expect((await phone.db.get('device'))?.id).toBe(device)
  })

  it('does not forget a newer login because of a late answer to an old token', async () => {
    const phone = await aPhone()
    await acted(phone, 1)
    phone.server.meddle = (_method, path, { token }) => (path === '/courier/events' && token === 'token-1' ? { status: 401 } : undefined)
    const sent = phone.sender.send('quiet')
    await signIn(phone.core, 'NEWC2345')
    await sent
    expect((await phone.db.get('session'))?.token).toBe('token-2')
    expect(await states(phone)).toEqual(['accepted'])
  })
})

it('waits longer for a server that did not answer in time, as over a slow network it never would', async () => {
  const phone = await aPhone()
  await acted(phone, 1)
  const { call } = phone.core.net
  const [limits, answers_in] = [[] as (number | undefined)[], 9000]
  phone.core.net = { call: async (method, path, request) => {
    if (path !== '/courier/ping') return call(method, path, request)
    limits.push(request?.timeoutMs)
    if ((request?.timeoutMs ?? 0) < answers_in) throw new EngineError('no_connection')
    return call(method, path, request)
  } }
  for (let n = 0; n < 3; n += 1) await phone.sender.send('user')
  expect(await states(phone)).toEqual(['accepted'])
  await acted(phone, 1)
  await phone.sender.send('user')
  expect(limits).toEqual([4000, 8000, 15_000, 4000])
})

describe('a pause', () => {
  it('grows from two seconds to five minutes, by half at random', () => {
    expect([1, 2, 3, 9].map((n) => pauseMs(n, 1))).toEqual([2000, 4000, 8000, 300_000])
    expect(pauseMs(1, 0)).toBe(1000)
  })

  it('is waited out by the machinery and ended by a person', async () => {
    const phone = await aPhone()
    await acted(phone, 1)
    phone.server.reachable = false
    await phone.sender.send('quiet')
    phone.server.reachable = true
    await phone.sender.send('quiet')
    expect(await states(phone)).toEqual(['waiting'])
    await phone.sender.send('user')
    expect(await states(phone)).toEqual(['accepted'])
    expect(phone.state).toMatchObject({ online: true, problem: null, next_try_at: null, sending: false })
  })

  it('does not last for hours when the clock is moved back, not even one that the server asked for', async () => {
    const phone = await aPhone()
    await acted(phone, 1)
    phone.server.meddle = (_method, path) => (path === '/courier/events' ? { status: 429, retryAfterMs: 30_000 } : undefined)
    await phone.sender.send('quiet')
    phone.server.meddle = () => undefined
    await phone.later(-3_600_000).sender.send('quiet')
    expect(await states(phone)).toEqual(['accepted'])
  })

  it('is told again when something asks to send in it, so that its end is not missed', async () => {
    const phone = await aPhone()
    await acted(phone, 1)
    phone.server.reachable = false
    await phone.sender.send('quiet')
    const until = phone.state.next_try_at
    phone.state.next_try_at = null
    await phone.sender.send('quiet')
    expect(phone.state.next_try_at).toBe(until)
  })

  it('is one all the same when the server says «at once»', async () => {
    const phone = await aPhone()
    await acted(phone, 1)
    phone.server.meddle = (_method, path) => (path === '/courier/events' ? { status: 503, retryAfterMs: 0 } : undefined)
    await phone.sender.send('quiet')
    expect(phone.state.next_try_at).toBeGreaterThanOrEqual(phone.now + 1000)
  })

  it('that the server asks for is kept even when a person presses', async () => {
    const phone = await aPhone()
    await acted(phone, 1)
    phone.server.meddle = (_method, path) => (path === '/courier/events' ? { status: 429, retryAfterMs: 30_000 } : undefined)
    await phone.sender.send('quiet')
    phone.server.meddle = () => undefined
    expect(phone.state.next_try_at).toBe(phone.now + 30_000)
    await phone.later(29_000).sender.send('user')
    expect(phone.server.events.size).toBe(0)
    await phone.later(1_000).sender.send('quiet')
    expect(phone.server.events.size).toBe(1)
  })
})

describe('what asks to send while a round is under way', () => {
  /** A round whose question to the server is on its way, and then fails. */
  async function asking(): Promise<{ phone: Phone; sent: Promise<void>; fail: () => void }> {
    const phone = await aPhone()
    await acted(phone, 1)
    const { call } = phone.core.net
    let [fail, first] = [(): void => undefined, true]
    phone.core.net = { call: async (...given) => {
      if (!first) return call(...given)
      first = false
      await new Promise<void>((done) => (fail = done))
      throw new EngineError('no_connection')
    } }
    const sent = phone.sender.send('quiet')
    await vi.waitFor(() => expect(first).toBe(false))
    return { phone, sent, fail: () => fail() }
  }

  it.each([['user'], ['online'], ['online', 'quiet'], ['user', 'online', 'quiet']] as const)('%s %s %s is done after it, without its pause', async (...triggers) => {
    const { phone, sent, fail } = await asking()
    for (const trigger of triggers) if (trigger) void phone.sender.send(trigger)
    fail()
    await sent
    expect(await states(phone)).toEqual(['accepted'])
  })

  it('by itself keeps the pause', async () => {
    const { phone, sent, fail } = await asking()
    void phone.sender.send('quiet')
    fail()
    await sent
    expect(await states(phone)).toEqual(['waiting'])
  })
})

describe('photos', () => {
  it('stay on the phone until the server has confirmed their hash', async () => {
    const phone = await aPhone()
    const { sha256 } = await photo(phone, 'door')
    await act(phone, { photos: [sha256] })
    phone.server.meddle = (method) => (method === 'PUT' ? { status: 200, body: { sha256: '00'.repeat(32) } } : undefined)
    await phone.later(HOLD_MS).sender.send('quiet')
    expect(await photoKeys(phone.db, 'waiting')).toHaveLength(1)
    phone.server.meddle = () => undefined
    phone.server.losing = 1
    await phone.sender.send('user')
    expect(await photoKeys(phone.db, 'waiting')).toHaveLength(1)
    await phone.sender.send('user')
    expect(await phone.db.photos.count()).toBe(0)
    expect(phone.server.photos.size).toBe(1)
  })

  it('let a step that is recorded meanwhile go before them', async () => {
    const phone = await aPhone()
    const shots = await Promise.all(['1', '22', '333', '4444', '55555'].map((text) => photo(phone, text)))
    await act(phone, { photos: shots.map((one) => one.sha256) })
    phone.later(HOLD_MS)
    let meanwhile: Promise<unknown> | undefined
    const put = phone.server.net.call
    phone.core.net = { call: async (method, ...rest) => {
      if (method === 'PUT') await (meanwhile ??= act(phone, { delivery: 'd2' }).then(() => release(phone.db, phone.now + HOLD_MS)))
      return put(method, ...rest)
    } }
    await phone.sender.send('quiet')
    const order = posts(phone.server).slice(1).map((call) => call.slice(0, 4))
    expect(order).toEqual(['POST', 'PUT ', 'PUT ', 'POST', 'PUT ', 'PUT ', 'PUT '])
    expect(await isEmpty(phone.db)).toBe(true)
  })

  it('that the server refuses stay, ask for attention, and go again when the courier says so', async () => {
    const phone = await aPhone()
    const { sha256 } = await photo(phone, 'door')
    await act(phone, { photos: [sha256] })
    phone.server.meddle = (method) =>
      method === 'PUT' ? { status: 422, body: { code: 'photo_unreadable', detail: 'Снимок не читается.' } } : undefined
    await phone.later(HOLD_MS).sender.send('quiet')
    const [item] = itemsOf(await look(phone.db), [], phone.now)
    expect(item).toMatchObject({ state: 'accepted', code: 'photo_unreadable', message: 'Снимок не читается.', photos_left: 0 })
    expect(await phone.db.photos.count()).toBe(1)
    phone.server.meddle = () => undefined
    await phone.sender.send('user')
    expect(itemsOf(await look(phone.db), [], phone.now)[0]).toMatchObject({ code: null, photos_left: 0 })
    expect(await phone.db.photos.count()).toBe(0)
  })
})

it('loses nothing and doubles nothing, whatever is killed, lost or cut', async () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const chance = chanceOf(seed)
    const phone = await aPhone()
    const done: string[] = []
    for (let turn = 0; turn < 25; turn += 1) {
      const pictures = chance() < 0.4 ? [(await photo(phone, `${seed}/${turn}`)).sha256] : []
      done.push(await act(phone, { delivery: `d${Math.floor(chance() * 5)}`, photos: pictures }))
      phone.later(chance() * 15_000)
      phone.server.reachable = chance() < 0.7
      phone.server.losing = chance() < 0.4 ? 1 + Math.floor(chance() * 3) : 0
      const sent = phone.sender.send(chance() < 0.5 ? 'user' : 'quiet')
      if (chance() < 0.5) {
        for (let step = chance() * 30; step > 0; step -= 1) await new Promise(setImmediate)
        phone.killed()
      }
      await sent
    }
    phone.server.reachable = true
    phone.server.losing = 0
    await release(phone.db, phone.later(HOLD_MS).now)
    await phone.db.drop('lease') // of a killed tab; it ends by itself after half a minute
    await phone.sender.send('user')
    expect(phone.server.seqs()).toEqual(done.map((_, index) => index + 1))
    expect([...phone.server.events.values()].sort((a, b) => a.event.seq - b.event.seq).map(({ event }) => event.id)).toEqual(done)
    expect(phone.server.changed).toEqual([])
    expect(await isEmpty(phone.db)).toBe(true)
    phone.db.close()
  }
}, 60_000)
