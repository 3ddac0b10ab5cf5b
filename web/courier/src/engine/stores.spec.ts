import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { useDay, useQueue, useSession } from '.'
import { core } from './core'
import { EngineError } from './errors'
import type { Net } from './net'
import { HOLD_MS } from './queue'
import { startEngine } from './start'
import { aDelivery, aPicture, aStep, OTHER, Server } from './testing/world'
import { compressPhoto } from './photos'

/** The page's own engine against the scripted server; the clock is moved by hand. */
describe('the engine of a page', () => {
  let server: Server
  let now: number

  beforeEach(async () => {
    setActivePinia(createPinia())
    vi.stubGlobal('setInterval', () => 0)
    server = new Server()
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
