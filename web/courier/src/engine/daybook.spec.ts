import { describe, expect, it, vi } from 'vitest'

import { takeMissing } from './answers'
import { renewDay } from './daybook'
import type { Net } from './net'
import { HOLD_MS, KEEP_MS, record, release } from './queue'
import { signIn, signOut } from './session'
import { aDelivery, aLine, aPhone, aStep, OTHER, type Phone } from './testing/world'
import type { NewStep, Stage } from './types'
import { itemsOf, look, shownDay } from './view'

const act = (phone: Phone, step: Partial<NewStep> = {}): Promise<string> => record(phone.db, aStep(step), { now: phone.now, mono: 1 })

async function stages(phone: Phone): Promise<Record<string, Stage>> {
  const seen = await look(phone.db)
  const shown = shownDay(seen, itemsOf(seen, [], phone.now))
  return Object.fromEntries((shown?.deliveries ?? []).map((one) => [one.id, one.stage]))
}

const pickedUp = aDelivery({ stage: 'picked_up', version: 2, goods_out: true, lines: [aLine({ picked: '2', carried: '2' })] })

describe('the day', () => {
  it('is kept for a start without a network', async () => {
    const phone = await aPhone()
    await renewDay(phone.core)
    phone.server.reachable = false
    await expect(renewDay(phone.killed().core)).rejects.toMatchObject({ code: 'no_connection' })
    expect(await stages(phone)).toEqual({ d1: 'ready' })
  })

  it('never flashes back: not before the step is sent, not between its answer and the next snapshot', async () => {
    const phone = await aPhone()
    await renewDay(phone.core)
    await act(phone)
    expect(await stages(phone)).toEqual({ d1: 'picked_up' })
    await phone.later(HOLD_MS).sender.send('quiet')
    expect(await stages(phone)).toEqual({ d1: 'picked_up' })
    phone.server.deliveries = [pickedUp]
    await renewDay(phone.core)
    expect(await stages(phone)).toEqual({ d1: 'picked_up' })
    expect((await phone.db.day.toArray())[0]?.day.deliveries[0]?.version).toBe(2)
  })

  it('shows that the server was restored from a copy: what it had accepted since is sent again', async () => {
    const phone = await aPhone()
    for (const delivery of ['d1', 'd2', 'd3']) {
      await act(phone, { delivery })
      await phone.later(HOLD_MS).sender.send('quiet')
    }
    for (const row of (await phone.rows()).slice(1)) phone.server.events.delete(row.id)
    expect((await renewDay(phone.core)).again).toBe(true)
    await phone.sender.send('user')
    expect(phone.server.seqs()).toEqual([1, 2, 3])
    expect((await renewDay(phone.core)).again).toBe(false)
    phone.server.events.clear() // not even the device is known
    expect(await renewDay(phone.core)).toMatchObject({ again: true, gone: null })
  })

  it('that was asked for before the step was answered does not count as containing it', async () => {
    const phone = await aPhone()
    await renewDay(phone.core)
    await act(phone)
    phone.later(HOLD_MS)
    let sent: Promise<void> | undefined
    phone.server.meddle = (_method, path) => {
      if (path.startsWith('/courier/day')) sent ??= phone.sender.send('user')
      return undefined
    }
    await renewDay(phone.core)
    await sent
    expect(await stages(phone)).toEqual({ d1: 'picked_up' })
  })

  it('shows a step once whose answer was lost but whose effect is in the snapshot', async () => {
    const phone = await aPhone()
    phone.server.deliveries = [{ ...pickedUp, stage: 'handed_over', lines: [aLine({ picked: '2', accepted: '2' })], goods_out: false }]
    await renewDay(phone.core)
    await act(phone, { type: 'delivery.customer_return', payload: { lines: [{ line: '1', quantity: '1' }] } })
    phone.server.losing = 1
    await phone.later(HOLD_MS).sender.send('quiet')
    phone.server.deliveries = [{ ...pickedUp, stage: 'handed_over', lines: [aLine({ picked: '2', accepted: '2', returned: '1', carried: '1' })] }]
    await renewDay(phone.core)
    const seen = await look(phone.db)
    expect(shownDay(seen, [])?.deliveries[0]?.lines[0]).toMatchObject({ returned: '1', carried: '1' })
  })

  it('shows a step once that the server took, and answered, while the day was asked for', async () => {
    const phone = await aPhone()
    const line = { picked: '2', accepted: '2' }
    phone.server.deliveries = [{ ...pickedUp, stage: 'handed_over', lines: [aLine(line)], goods_out: false }]
    await renewDay(phone.core)
    await act(phone, { type: 'delivery.customer_return', payload: { lines: [{ line: '1', quantity: '1' }] } })
    phone.later(HOLD_MS)
    const call: Net['call'] = async (...given) => {
      await phone.sender.send('quiet')
      phone.server.deliveries = [{ ...pickedUp, stage: 'handed_over', lines: [aLine({ ...line, returned: '1', carried: '1' })] }]
      return phone.core.net.call(...given)
    }
    await renewDay({ ...phone.core, net: { call } })
    expect((await phone.rows())[0]?.state).toBe('accepted')
    expect(shownDay(await look(phone.db), [])?.deliveries[0]?.lines[0]).toMatchObject({ returned: '1', carried: '1' })
  })

  it('keeps a delivery that was taken from him until his steps on it are sent', async () => {
    const phone = await aPhone()
    await renewDay(phone.core)
    await act(phone)
    await phone.later(HOLD_MS).sender.send('quiet')
    await act(phone, { type: 'delivery.hand_over', payload: { amount_taken: '2280', payment_method: 'cash' } })
    phone.server.deliveries = []
    await renewDay(phone.core)
    expect(await stages(phone)).toEqual({ d1: 'handed_over' })
    await renewDay(phone.core)
    expect(await stages(phone)).toEqual({ d1: 'handed_over' })
    await phone.later(HOLD_MS).sender.send('quiet')
    await renewDay(phone.core)
    expect(await stages(phone)).toEqual({})
  })

  it('read later by another tab is not overwritten by an older one', async () => {
    const phone = await aPhone()
    await renewDay(phone.core)
    await act(phone)
    phone.later(HOLD_MS)
    phone.server.deliveries = [aDelivery({ comment: 'Звонить заранее' })]
    const call: Net['call'] = async (...given) => {
      const answer = await phone.core.net.call(...given)
      phone.server.deliveries = [pickedUp]
      await phone.sender.send('quiet')
      await renewDay(phone.core)
      return answer
    }
    await renewDay({ ...phone.core, net: { call } })
    expect((await phone.db.day.toArray())[0]?.day.deliveries[0]?.version).toBe(2)
  })

  describe('of a reading whose answer comes late', () => {
    /** The answers to `phone`'s readings are held back; each is given by its function, in any order. */
    function held(phone: Phone): { core: Phone['core']; give: (() => void)[] } {
      const give: (() => void)[] = []
      const call: Net['call'] = async (...given) => {
        const answer = await phone.core.net.call(...given)
        await new Promise<void>((done) => give.push(done))
        return answer
      }
      return { core: { ...phone.core, net: { call } }, give }
    }
    const version = async (phone: Phone): Promise<number | undefined> => (await phone.db.day.toArray())[0]?.day.deliveries[0]?.version
    const asks = (give: unknown[], times: number): Promise<void> => vi.waitFor(() => expect(give).toHaveLength(times))

    it('is not kept when one that was asked for later has come before it', async () => {
      const phone = await aPhone()
      const { core, give } = held(phone)
      const early = renewDay(core)
      await asks(give, 1)
      phone.server.deliveries = [pickedUp]
      const late = renewDay(core)
      await asks(give, 2)
      give[1]?.()
      await late
      give[0]?.()
      await early
      expect(await version(phone)).toBe(2)
    })

    it('«as you have it» does not bind its tag to what another tab has read meanwhile', async () => {
      const phone = await aPhone()
      await renewDay(phone.core)
      const { core, give } = held(phone)
      phone.server.deliveries = [pickedUp]
      const changed = renewDay(core)
      await asks(give, 1)
      phone.server.deliveries = [aDelivery()]
      const same = renewDay(core)
      await asks(give, 2)
      give[0]?.()
      await changed
      give[1]?.()
      await same
      await renewDay(phone.core)
      expect(await version(phone)).toBe(1)
    })

    it('is not kept after he has left', async () => {
      const phone = await aPhone()
      const { core, give } = held(phone)
      const reading = renewDay(core)
      await asks(give, 1)
      await signOut(phone.core)
      give[0]?.()
      await reading
      expect(await phone.db.day.count()).toBe(0)
    })

    it('is not taken for his new device when another courier was here in between', async () => {
      const phone = await aPhone()
      await act(phone)
      await phone.later(HOLD_MS).sender.send('quiet')
      const { core, give } = held(phone)
      const reading = renewDay(core)
      await asks(give, 1)
      phone.server.codes.set('OTHER234', OTHER)
      await signIn(phone.core, 'OTHER234')
      await signIn(phone.core, 'AGAIN234')
      await act(phone)
      await release(phone.db, phone.later(HOLD_MS).now)
      give[0]?.()
      await reading
      expect(await stages(phone)).toEqual({})
      await renewDay(phone.core)
      expect(await stages(phone)).toEqual({ d1: 'picked_up' })
    })

    it('is asked for again when his token was over and he has a newer one by now', async () => {
      const phone = await aPhone()
      const first = phone.core.net.call
      const call: Net['call'] = async (...given) => {
        if (given[2]?.token === 'token-1') await signIn(phone.core, 'AGAIN234')
        return first(...given)
      }
      await renewDay({ ...phone.core, net: { call } })
      expect(await stages(phone)).toEqual({ d1: 'ready' })
    })
  })

  it('forgets sent steps after three days, and never what is rejected', async () => {
    const phone = await aPhone()
    phone.server.rejects = (event) => event.seq === 2
    await act(phone)
    await act(phone, { delivery: 'd2' })
    await phone.later(HOLD_MS).sender.send('quiet')
    await renewDay(phone.later(KEEP_MS).core)
    expect((await phone.rows()).map((row) => row.state)).toEqual(['accepted', 'rejected'])
    await renewDay(phone.later(1).core)
    expect((await phone.rows()).map((row) => row.state)).toEqual(['rejected'])
  })

  it('sends again what the server tells it has lost', async () => {
    const phone = await aPhone()
    await act(phone)
    await act(phone, { delivery: 'd2' })
    await phone.later(HOLD_MS).sender.send('quiet')
    phone.server.events.delete((await phone.rows())[0]?.id ?? '')
    expect(await renewDay(phone.core)).toEqual({ again: true, gone: null })
    await phone.sender.send('quiet')
    expect(phone.server.seqs()).toEqual([1, 2])
  })

  it('tells of what the server lacks and the phone has lost', async () => {
    const phone = await aPhone()
    await act(phone)
    await act(phone, { delivery: 'd2' })
    await phone.later(HOLD_MS).sender.send('quiet')
    const [first] = await phone.rows()
    phone.server.events.delete(first?.id ?? '')
    await phone.db.queue.delete(first?.id ?? '')
    expect((await renewDay(phone.core)).gone).toMatchObject({ code: 'gap', detail: '1' })
  })

  it('does not send again what the server took after it told what it lacks', async () => {
    const phone = await aPhone()
    await act(phone)
    await phone.later(HOLD_MS).sender.send('quiet')
    const [row] = await phone.rows()
    expect(await phone.db.whole(() => takeMissing(phone.db, row?.device ?? '', [1], (row?.tick ?? 0) - 1))).toEqual([])
    expect((await phone.rows())[0]?.state).toBe('accepted')
  })

  it('of an expired login stays readable', async () => {
    const phone = await aPhone()
    await renewDay(phone.core)
    phone.server.tokens.clear()
    expect(await renewDay(phone.core)).toEqual({ again: false, gone: null })
    expect((await phone.db.get('session'))?.token).toBeNull()
    expect(await stages(phone)).toEqual({ d1: 'ready' })
  })
})
