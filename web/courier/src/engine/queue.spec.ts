import { describe, expect, it } from 'vitest'

import { useDrafts } from './drafts'
import { compressPhoto } from './photos'
import { HOLD_MS, isEmpty, record, release, sendable, undo } from './queue'
import { aDay, aPhone, aPicture, aStep, chanceOf, COURIER, type Phone } from './testing/world'
import type { NewStep } from './types'

const act = (phone: Phone, step: Partial<NewStep> = {}): Promise<string> => record(phone.db, aStep(step), { now: phone.now, mono: 1 })
const seqs = async (phone: Phone): Promise<number[]> => (await phone.rows()).map((row) => row.seq)
const photo = (phone: Phone, text: string): Promise<{ sha256: string }> =>
  compressPhoto(new Blob(), phone.core, async () => ({ content: aPicture(text), thumb: aPicture(`thumb ${text}`), width: 4, height: 3 }))

describe('recording a step', () => {
  it('is on the disk when it resolves: the page may be killed at once', async () => {
    const phone = await aPhone()
    const { sha256 } = await photo(phone, 'door')
    const id = await act(phone, { photos: [sha256], geo: 'denied', payload: { amount_taken: '2280.00' } })
    phone.killed()
    const [row] = await phone.rows()
    expect(row).toMatchObject({ id, state: 'held', seq: 0 })
    expect(row?.wire).toMatchObject({ geo_error: 'denied', photos: [sha256], payload: { amount_taken: '2280.00' } })
    expect((await phone.db.photos.get(sha256))?.state).toBe('waiting')
  })

  it('is whole or not there at all, wherever the page is killed', async () => {
    for (let kill = 0; kill < 40; kill += 1) {
      const phone = await aPhone()
      const { sha256 } = await photo(phone, 'door')
      await useDrafts(phone.core).save('d1', 'pick_up', { typed: 1 })
      const recorded = act(phone, { photos: [sha256] }).then(() => true, () => false)
      for (let turn = 0; turn < kill; turn += 1) await new Promise(setImmediate)
      phone.killed()
      const told = await recorded
      const rows = await phone.rows()
      const bound = (await phone.db.photos.get(sha256))?.state === 'waiting'
      const draft = await useDrafts(phone.core).load('d1', 'pick_up')
      if (told) expect(rows).toHaveLength(1)
      expect([bound, draft === null]).toEqual([rows.length === 1, rows.length === 1])
      phone.db.close()
    }
  })

  it('carries the raw time, the offset, the version seen and the rules seen', async () => {
    const phone = await aPhone()
    await phone.db.put('clock', [-2000, -1000, -3000])
    await act(phone, { geo: { latitude: 55.7, longitude: 37.6, accuracy_m: 12 }, version: 7 })
    expect((await phone.rows())[0]?.wire).toMatchObject({
      at_device: '2026-11-22T07:00:00.000Z', clock_offset_ms: -2000, version: 7, rules_version: '', mono_ms: 1,
      geo: { latitude: 55.7, longitude: 37.6, accuracy_m: 12 },
    })
  })

  it('of a sale takes the version of the backpack and the draft of the sale along', async () => {
    const phone = await aPhone()
    await phone.db.day.put({ courier: COURIER.ref, etag: null, day: aDay({ backpack_version: 9 }), at: 0, tick: 0, kept: [] })
    const drafts = useDrafts(phone.core)
    await drafts.save('sale', 'sale', { basket: 1 })
    await drafts.save('s1', 'correction', { reason: 'x' })
    const id = await act(phone, { type: 'sale.make', delivery: undefined, payload: { lines: [] } })
    expect((await phone.rows())[0]?.wire).toMatchObject({ type: 'sale.make', version: 9 })
    expect([await drafts.load('sale', 'sale'), await drafts.load('s1', 'correction')]).toEqual([null, { reason: 'x' }])
    expect(await undo(phone.db, id, phone.now)).toBe(true)
    expect(await drafts.load('sale', 'sale')).toEqual({ basket: 1 })
    await act(phone, { type: 'correction', delivery: undefined, payload: { of: 's1' } })
    expect(await drafts.load('s1', 'correction')).toBeNull()
  })

  it('refuses a photo that is not on the phone, and then nothing is recorded', async () => {
    const phone = await aPhone()
    await expect(act(phone, { photos: ['ab'.repeat(32)] })).rejects.toMatchObject({ code: 'photo_missing' })
    expect(await phone.rows()).toEqual([])
  })
})

it('a draft that is saved late does not come back as a sheet when its step is recorded, unless that is undone', async () => {
  const phone = await aPhone()
  const [sheet, other] = [useDrafts(phone.core), useDrafts(phone.tab().core)]
  for (const drafts of [sheet, other]) await drafts.load('d1', 'pick_up')
  await sheet.save('d1', 'pick_up', { typed: 1 })
  const id = await act(phone)
  for (const drafts of [sheet, other]) await drafts.save('d1', 'pick_up', { typed: 2 })
  expect(await sheet.newest()).toBeNull()
  await other.save('d1', 'depart', { typed: 3 })
  expect(await sheet.newest()).toEqual({ delivery: 'd1', step: 'depart' })
  expect(await undo(phone.db, id, phone.now)).toBe(true)
  await sheet.save('d1', 'pick_up', { typed: 4 })
  expect(await sheet.load('d1', 'pick_up')).toEqual({ typed: 4 })
})

describe('the hold of ten seconds', () => {
  it('gives the number only when it is over, also after a kill', async () => {
    const phone = await aPhone()
    await act(phone)
    await release(phone.db, phone.now)
    expect(await sendable(phone.db)).toEqual([])
    phone.killed().later(HOLD_MS)
    await release(phone.db, phone.now)
    expect((await sendable(phone.db)).map((row) => row.seq)).toEqual([1])
  })

  it('lets a step be undone: no trace, no gap, draft and photos there again', async () => {
    const phone = await aPhone()
    const { sha256 } = await photo(phone, 'door')
    await useDrafts(phone.core).save('d1', 'hand_over', { photos: [sha256] })
    const id = await act(phone, { type: 'delivery.hand_over', photos: [sha256] })
    expect(await useDrafts(phone.core).load('d1', 'hand_over')).toBeNull()
    expect(await undo(phone.db, id, phone.now + HOLD_MS - 1)).toBe(true)
    expect(await useDrafts(phone.core).load('d1', 'hand_over')).toEqual({ photos: [sha256] })
    expect((await phone.db.photos.get(sha256))?.state).toBe('draft')
    await act(phone)
    await release(phone.db, phone.now + HOLD_MS)
    expect(await seqs(phone)).toEqual([1])
  })

  it('leaves to a step that the server has the photo that still has to go, when another step with it is undone', async () => {
    const phone = await aPhone()
    const { sha256 } = await photo(phone, 'door')
    await act(phone, { photos: [sha256] })
    phone.server.meddle = (method) => (method === 'PUT' ? { status: 503 } : undefined)
    await phone.later(HOLD_MS).sender.send('quiet')
    const again = await act(phone, { delivery: 'd2', photos: [sha256] })
    expect(await undo(phone.db, again, phone.now)).toBe(true)
    expect((await phone.db.photos.get(sha256))?.state).toBe('waiting')
  })

  it('is over after ten seconds: too late to undo', async () => {
    const phone = await aPhone()
    const id = await act(phone)
    expect(await undo(phone.db, id, phone.now + HOLD_MS)).toBe(false)
    expect(await phone.rows()).toHaveLength(1)
  })

  it('ends at once when a further step on the same delivery follows', async () => {
    const phone = await aPhone()
    const first = await act(phone)
    phone.later(100)
    await act(phone, { type: 'delivery.depart' })
    expect(await undo(phone.db, first, phone.now)).toBe(false)
    expect(await seqs(phone)).toEqual([1, 0])
  })

  it('of an older step on another delivery keeps later numbers back, so numbers follow the acts', async () => {
    const phone = await aPhone()
    const older = await act(phone, { delivery: 'd2' })
    await act(phone.later(1000))
    await act(phone.later(1000), { type: 'delivery.depart' })
    expect(await seqs(phone)).toEqual([0, 0, 0])
    expect(await undo(phone.db, older, phone.now)).toBe(true)
    await release(phone.db, phone.now)
    expect(await seqs(phone)).toEqual([1, 0])
    await release(phone.db, phone.now + HOLD_MS)
    expect(await seqs(phone)).toEqual([1, 2])
  })

  it('does not last for hours when the clock is moved back', async () => {
    const phone = await aPhone()
    await act(phone)
    await release(phone.db, phone.now - 3_600_000)
    expect(await seqs(phone)).toEqual([1])
  })
})

describe('numbers', () => {
  it('have no gaps and follow the acts, with two tabs and undoing at random', async () => {
    const chance = chanceOf(7)
    const phone = await aPhone()
    const tabs = [phone, phone.tab()] as const
    for (let turn = 0; turn < 60; turn += 1) {
      const acts = tabs.map(async (tab) => {
        tab.now = phone.now
        const id = await act(tab, { delivery: `d${Math.floor(chance() * 4)}` })
        if (chance() < 0.3) await undo(tab.db, id, tab.now)
        await release(tab.db, tab.now)
      })
      await Promise.all(acts)
      phone.later(chance() * 6000)
    }
    await release(phone.db, phone.now + HOLD_MS)
    const rows = await phone.rows()
    expect(rows.map((row) => row.seq)).toEqual(rows.map((_, index) => index + 1))
    expect(new Set(rows.map((row) => row.order)).size).toBe(rows.length)
    expect((await phone.db.get('device'))?.next_seq).toBe(rows.length + 1)
  })
})

it('is empty only when no step and no photo of a step is left', async () => {
  const phone = await aPhone()
  await photo(phone, 'only taken')
  expect(await isEmpty(phone.db)).toBe(true)
  const { sha256 } = await photo(phone, 'of a step')
  const id = await act(phone, { photos: [sha256] })
  await phone.db.queue.update(id, { state: 'accepted' })
  expect(await isEmpty(phone.db)).toBe(false)
})
