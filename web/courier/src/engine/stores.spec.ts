import Dexie from 'dexie'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { useDay, useQueue, useSession } from '.'
import { core } from './core'
import { EngineError } from './errors'
import type { Net } from './net'
import { HOLD_MS } from './queue'
import { startEngine } from './start'
import { aDelivery, aPicture, aStep, OTHER, Phone, Server } from './testing/world'
import { compressPhoto } from './photos'

/** Timers of a second and more, which wait until they are run by hand. */
function heldTimers(): { run: () => void; ms: number }[] {
  const timers: { run: () => void; ms: number }[] = []
  const real = setTimeout
  vi.stubGlobal('setTimeout', ((run: () => void, ms = 0) => (ms >= 1000 ? timers.push({ run, ms }) : real(run, ms))) as typeof setTimeout)
  return timers
}

/** The page's own engine against the scripted server; the clock is moved by hand. */
describe('the engine of a page', () => {
  let server: Server
  let now: number
  /** Lets the answers through that are held back, each by its call. */
  let given: (() => void)[]

  function hold(which: (token: string | null | undefined, path: string) => boolean): void {
    const call: Net['call'] = async (method, path, request) => {
      const answer = await server.net.call(method, path, request)
      if (which(request?.token, path)) await new Promise<void>((done) => given.push(done))
      return answer
    }
    Object.assign(core(), { net: { call } })
  }

  beforeEach(async () => {
    setActivePinia(createPinia())
    vi.stubGlobal('setInterval', () => 0)
    server = new Server()
    given = []
    now = Date.parse('2026-11-22T07:00:00Z')
    Object.assign(core(), { net: server.net, now: () => now })
    await Promise.all(core().db.tables.map((table) => table.clear()))
  })

  afterEach(() => vi.unstubAllGlobals())

  it('starts signed out, and takes a code', async () => {
    await startEngine()
    const [session, day] = [useSession(), useDay()]
    expect(session.status).toBe('out')
    await session.login('ABCD2345')
    expect(session.status).toBe('in')
    expect(session.courier?.name).toBe('Илья Петров')
    expect(day.byId('d1')?.stage).toBe('ready')
    expect(day.problem).toBeNull()
  })

  it('shows a step done when it is recorded, and undone when it is undone', async () => {
    await startEngine()
    await useSession().login('ABCD2345')
    const [day, queue] = [useDay(), useQueue()]
    const id = await queue.record(aStep())
    expect(day.byId('d1')).toMatchObject({ stage: 'picked_up', pending: [{ id, state: 'held', seq: 0 }] })
    expect([queue.unsent, queue.canUndo?.id, queue.canUndo?.held_until]).toEqual([1, id, now + HOLD_MS])
    expect(await queue.undo(id)).toBe(true)
    expect([queue.unsent, queue.canUndo, day.byId('d1')?.stage]).toEqual([0, null, 'ready'])
  })

  it.each(['late', 'never'])('reads the day of who came in while the answer for another was on its way, and it came %s', async (end) => {
    await startEngine()
    const [session, day] = [useSession(), useDay()]
    await session.login('ABCD2345')
    const asked: (() => void)[] = []
    const call: Net['call'] = async (method, path, request) => {
      const answer = await server.net.call(method, path, request)
      if (request?.token !== 'token-1') return answer
      await new Promise<void>((resolve) => asked.push(resolve))
      if (end === 'never') throw new EngineError('no_connection')
      return answer
    }
    Object.assign(core(), { net: { call } })
    const earlier = day.refresh()
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    Object.assign(server, { courier: OTHER, deliveries: [aDelivery({ id: 'd2' })] })
    const entering = session.login('EFGH2345')
    await vi.waitFor(() => expect(session.courier).toEqual(OTHER))
    asked[0]?.()
    await Promise.all([earlier, entering])
    expect(day.deliveries.map((one) => one.id)).toEqual(['d2'])
    expect([day.loading, day.problem, useQueue().online]).toEqual([false, null, true])
  })

  it('does not wait with the day of who came in until the answer for another one has come', async () => {
    await startEngine()
    const [session, day] = [useSession(), useDay()]
    await session.login('ABCD2345')
    hold((token, path) => token === 'token-1' && path.startsWith('/courier/day'))
    const earlier = day.refresh()
    await vi.waitFor(() => expect(given).toHaveLength(1))
    Object.assign(server, { courier: OTHER, deliveries: [aDelivery({ id: 'd2' })] })
    await session.login('EFGH2345')
    expect(day.deliveries.map((one) => one.id)).toEqual(['d2'])
    given[0]?.()
    await earlier
    expect([day.deliveries.map((one) => one.id), day.loading]).toEqual([['d2'], false])
  })

  it('reads the day of who came in by another tab at once', async () => {
    await startEngine()
    await new Phone(server, 'posrednik-courier').in()
    await vi.waitFor(() => expect(useDay().byId('d1')?.stage).toBe('ready'))
    expect(useSession().status).toBe('in')
  })

  it('reads the day anew after sending, whatever reading was on its way', async () => {
    await startEngine()
    await useSession().login('ABCD2345')
    const [day, queue] = [useDay(), useQueue()]
    await queue.record(aStep())
    hold((_, path) => path.startsWith('/courier/day'))
    void day.refresh()
    await vi.waitFor(() => expect(given).toHaveLength(1))
    now += HOLD_MS
    await queue.send()
    await vi.waitFor(() => expect(given).toHaveLength(2))
    for (const one of given) one()
    await vi.waitFor(() => expect(day.loading).toBe(false))
  })

  it('sends at once what waited for the server when the day can be read again', async () => {
    await startEngine()
    await useSession().login('ABCD2345')
    const queue = useQueue()
    await queue.record(aStep())
    now += HOLD_MS
    server.reachable = false
    await queue.send()
    expect([queue.online, queue.items[0]?.state]).toEqual([false, 'waiting'])
    server.reachable = true
    await useDay().refresh()
    await vi.waitFor(() => expect(queue.items[0]?.state).toBe('accepted'))
  })

  it('does not go round and round when steps are put off, photos are torn and the day can be read', async () => {
    await startEngine()
    await useSession().login('ABCD2345')
    const [day, queue] = [useDay(), useQueue()]
    const { sha256 } = await compressPhoto(new Blob(), core(), async () => ({ content: aPicture('door'), thumb: aPicture('t'), width: 4, height: 3 }))
    await queue.record(aStep({ photos: [sha256] }))
    now += HOLD_MS
    server.meddle = (method, path) => {
      if (method === 'PUT') throw new EngineError('no_connection')
      return path === '/courier/events' ? { status: 200, body: { results: [], missing: [] } } : undefined
    }
    await queue.send()
    await day.refresh(true) // the network is there, by this
    const sent = (): number => server.calls.filter((call) => call.startsWith('PUT')).length
    await vi.waitFor(() => expect([sent(), queue.sending]).toEqual([2, false]))
    for (let n = 0; n < 200; n += 1) await new Promise(setImmediate)
    expect(sent()).toBe(2)
  })

  it('calls a step recorded that is, although the phone’s database cannot be read after it', async () => {
    await startEngine()
    await useSession().login('ABCD2345')
    const { db } = core()
    const read = vi.spyOn(db, 'transaction').mockImplementation(((mode: string, ...rest: unknown[]) =>
      mode === 'r' ? Promise.reject(Object.assign(new Error('closed'), { name: 'UnknownError' })) : Reflect.apply(Dexie.prototype.transaction, db, [mode, ...rest])) as typeof db.transaction)
    const id = await useQueue().record(aStep())
    expect(useQueue().trouble?.code).toBe('storage_broken')
    read.mockRestore()
    expect((await db.queue.toArray()).map((row) => row.id)).toEqual([id])
  })

  it('sends a step when the oldest one can no longer be undone, however soon the younger ones could go', async () => {
    const timers = heldTimers()
    await startEngine()
    await useSession().login('ABCD2345')
    const queue = useQueue()
    await queue.record(aStep({ delivery: 'd2' }))
    now += 1000
    await queue.record(aStep())
    now += 1000
    await queue.record(aStep({ type: 'delivery.depart' }))
    await vi.waitFor(() => expect(timers.at(-1)?.ms).toBe(HOLD_MS - 2000 + 20))
    now += HOLD_MS - 2000
    timers.at(-1)?.run()
    await vi.waitFor(() => expect(queue.items.map((one) => one.state)).toEqual(['held', 'accepted', 'accepted']))
  })

  it('sends a step whose hold the clock made longer, without anybody coming by', async () => {
    const timers = heldTimers()
    await startEngine()
    await useSession().login('ABCD2345')
    const queue = useQueue()
    await queue.record(aStep())
    await vi.waitFor(() => expect(timers.at(-1)?.ms).toBe(HOLD_MS + 20))
    now += HOLD_MS - 5000 // ten seconds are over, but the clock was moved back by five
    timers.at(-1)?.run()
    await vi.waitFor(() => expect(timers.at(-1)?.ms).toBe(5000 + 20))
    now += 5000
    timers.at(-1)?.run()
    await vi.waitFor(() => expect(queue.items[0]?.state).toBe('accepted'))
  })

  it('shows the same order as long as it reads the same, so that nothing is drawn again', async () => {
    await startEngine()
    await useSession().login('ABCD2345')
    const [day, queue] = [useDay(), useQueue()]
    const before = day.byId('d1')
    await day.refresh()
    expect(day.byId('d1')).toBe(before)
    await queue.record(aStep())
    expect(day.byId('d1')).not.toBe(before)
  })

  it('tells what is on its way until the server has it', async () => {
    await startEngine()
    await useSession().login('ABCD2345')
    const [day, queue, session] = [useDay(), useQueue(), useSession()]
    const encoder = async () => ({ content: aPicture('door'), thumb: aPicture('t'), width: 4, height: 3 })
    const { sha256 } = await compressPhoto(new Blob(), core(), encoder)
    await queue.record(aStep({ photos: [sha256] }))
    expect([queue.photos_unsent, queue.bytes_unsent, day.byId('d1')?.photos_on_the_way]).toEqual([1, 4, 1])
    await expect(session.logout()).rejects.toMatchObject({ code: 'queue_not_empty' })
    now += HOLD_MS
    await queue.send()
    await vi.waitFor(() => expect(queue.items[0]).toMatchObject({ state: 'accepted', seq: 1, photos_left: 0 }))
    expect([queue.unsent, queue.photos_unsent, queue.attention, queue.online]).toEqual([0, 0, 0, true])
    await session.logout()
    expect(session.status).toBe('out')
  })
})
