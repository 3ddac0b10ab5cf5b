/**
 * The queue of steps: recorded, held, numbered, answered. See docs/subsystems/phone.md.
 *
 *   record -> held (10 s, can be undone) -> waiting (has its number) -> accepted | rejected
 *                                              ^  parked by the server until an earlier one comes
 *
 * The number of an event (`seq`) is given when its hold is over, not when it is recorded: an undone step would leave
 * a gap, which the server takes for a lost event. Held steps are numbered strictly in the order of acts, so a step
 * whose hold ended early (a further one on the same delivery) still waits for an older one that can be undone: at
 * most ten seconds. `held_until` is in the row, so a killed phone goes on where it was.
 */

import { uuidv7 } from 'uuidv7'

import { median } from './clock'
import type { Database, DayRow, DeviceRow, DraftRow, QueueRow, Wire } from './database'
import { EngineError } from './errors'
import type { Delivery, DraftStep, EventType, NewStep } from './types'

export const HOLD_MS = 10_000
export const KEEP_MS = 3 * 24 * 3600_000
const UNSENT = ['held', 'waiting', 'parked'] as const

/** now: Date.now(); mono: performance.now(), which a moved clock does not move. */
export interface Moment {
  now: number
  mono: number
}

/** A clock that was moved back must not hold a step for hours. */
export const isHeld = (row: QueueRow, now: number): boolean =>
  row.state === 'held' && row.held_until !== null && row.held_until > now && row.held_until <= now + HOLD_MS

/** One transaction over everything: when it resolves the step is on the disk. Raises signed_out, photo_missing. */
export async function record(db: Database, step: NewStep, at: Moment): Promise<string> {
  const id = uuidv7()
  await db.whole(async () => {
    if (await db.queue.get(id)) return // written, although the connection broke before it said so
    const device = await db.get('device')
    if (!device) throw new EngineError('signed_out')
    const day = await db.day.get(device.courier)
    await endHolds(db, step.delivery ?? null, at.now)
    const draft = await takeDraft(db, step)
    await bindPhotos(db, step.photos ?? [])
    await db.put('device', { ...device, next_order: device.next_order + 1 })
    const wire = wireOf(id, step, at, day, await db.get('clock'))
    await db.queue.add({ ...rowOf(wire, device, day, at.now), draft })
    await numberDue(db, at.now)
  })
  return id
}

const OF_BACKPACK: ReadonlySet<EventType> = new Set<EventType>(['sale.make', 'backpack.accept', 'backpack.count'])

function wireOf(id: string, step: NewStep, at: Moment, day: DayRow | undefined, offsets: number[] = []): Wire {
  const { geo } = step
  const version = step.version ?? (OF_BACKPACK.has(step.type) ? day?.day.backpack_version : deliveryOf(day, step.delivery)?.version)
  return {
    id,
    type: step.type,
    ...(step.delivery ? { delivery: step.delivery } : {}),
    at_device: new Date(at.now).toISOString(),
    tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
    mono_ms: Math.round(at.mono),
    clock_offset_ms: median(offsets) ?? 0,
    ...(typeof geo === 'string' ? { geo_error: geo } : geo ? { geo: plain(geo) } : {}),
    photos: [...(step.photos ?? [])],
    ...(version === undefined ? {} : { version }),
    rules_version: day?.day.rules_version ?? '',
    payload: plain(step.payload),
  }
}

const deliveryOf = (day: DayRow | undefined, id: string | undefined): Delivery | undefined =>
  [...(day?.day.deliveries ?? []), ...(day?.kept ?? [])].find((one) => one.id === id)

/** A copy without the screens' proxies, as JSON will have it: IndexedDB cannot clone a proxy. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

function rowOf(wire: Wire, device: DeviceRow, day: DayRow | undefined, now: number): QueueRow {
  return {
    id: wire.id,
    order: device.next_order,
    seq: 0,
    courier: device.courier,
    device: device.id,
    delivery: wire.delivery ?? null,
    order_number: deliveryOf(day, wire.delivery)?.order.number ?? null,
    wire,
    state: 'held',
    held_until: now + HOLD_MS,
    tries: 0,
    code: null,
    message: null,
    photo_faults: {},
    done_at: null,
    tick: 0,
    draft: null,
  }
}

/** A further step on the same delivery says that the earlier ones were meant. */
async function endHolds(db: Database, delivery: string | null, now: number): Promise<void> {
  const held = db.queue.where('state').equals('held')
  await held.filter((row) => row.delivery === delivery && isHeld(row, now)).modify({ held_until: now })
}

/** Sheets that belong to no delivery keep their draft under their own name. */
const SHEETS: Partial<Record<EventType, DraftStep>> = {
  'shift.open': 'shift', 'shift.close': 'shift', 'sale.make': 'sale', 'backpack.accept': 'accept', 'cash.hand_in_request': 'hand_in',
}

/** Is this the draft of that step? */
export function isDraftOf(draft: Pick<DraftRow, 'delivery' | 'step'>, { type, delivery, payload }: Pick<NewStep, 'type' | 'delivery' | 'payload'>): boolean {
  const own = SHEETS[type]
  const about = delivery ?? own ?? payload.of // a corrected sale
  return draft.step === (own ?? type.replace('delivery.', '')) && draft.delivery === about
}

/** Has the step of this draft been recorded since the count of acts stood at `since`? Call inside a transaction. */
export async function isRecorded(db: Database, draft: Pick<DraftRow, 'delivery' | 'step'>, since: number): Promise<boolean> {
  const device = (await db.get('device'))?.id
  return (await db.queue.filter((row) => row.device === device && row.order >= since && isDraftOf(draft, row.wire)).count()) > 0
}

async function takeDraft(db: Database, step: NewStep): Promise<DraftRow | null> {
  const draft = await db.drafts.filter((one) => isDraftOf(one, step)).first()
  if (draft) await db.drafts.delete([draft.delivery, draft.step])
  return draft ?? null
}

async function bindPhotos(db: Database, photos: readonly string[]): Promise<void> {
  for (const sha256 of photos) {
    const changed = await db.photos.where('sha256').equals(sha256).modify({ state: 'waiting' })
    // Of one that was sent already the thumbnail remains.
    if (!changed && !(await db.thumbs.get(sha256))) throw new EngineError('photo_missing', sha256)
  }
}

/** Numbers what is no longer held, in the order of acts, up to the first step that can still be undone. */
export const release = (db: Database, now: number): Promise<number> => db.whole(() => numberDue(db, now))

async function numberDue(db: Database, now: number): Promise<number> {
  const held = await db.queue.where('state').equals('held').sortBy('order')
  const device = await db.get('device')
  if (!device || !held.length) return 0
  let next = device.next_seq
  for (const row of held) {
    if (isHeld(row, now)) break
    await db.queue.update(row.id, { state: 'waiting', seq: next, held_until: null, draft: null })
    next += 1
  }
  if (next !== device.next_seq) await db.put('device', { ...device, next_seq: next })
  return next - device.next_seq
}

/** Takes a held step back; its draft and photos are there again. False: too late, or a newer step follows it. */
export const undo = (db: Database, id: string, now: number): Promise<boolean> =>
  db.whole(async () => {
    const row = await db.queue.get(id)
    if (!row || !isHeld(row, now)) return false
    const unsent = await db.queue.where('state').anyOf(UNSENT).toArray()
    if (unsent.some((other) => other.delivery === row.delivery && other.order > row.order)) return false
    await db.queue.delete(id)
    // Also by a step that the server has: its photos may still wait to go.
    const bound = new Set((await db.queue.toArray()).flatMap((other) => other.wire.photos))
    const free = row.wire.photos.filter((sha256) => !bound.has(sha256))
    await db.photos.where('sha256').anyOf(free).modify({ state: 'draft' })
    if (row.draft && !(await db.drafts.get([row.draft.delivery, row.draft.step]))) await db.drafts.put(row.draft)
    return true
  })

/** What has its number and no final answer, in the order of numbers. */
export const sendable = async (db: Database): Promise<QueueRow[]> =>
  db.queue.where('state').anyOf('waiting', 'parked').sortBy('seq')

export const photoKeys = async (db: Database, state: 'waiting' | 'refused'): Promise<{ sha256: string; bytes: number }[]> => {
  const index = db.photos.where('[state+bytes+sha256]').between([state, 0, ''], [state, Infinity, '\uffff'])
  const keys = (await index.keys()) as unknown as [string, number, string][]
  return keys.map(([, bytes, sha256]) => ({ bytes, sha256 }))
}

/** Nothing that only this phone knows: events, and photos that belong to them. */
export async function isEmpty(db: Database): Promise<boolean> {
  const left = await db.queue.where('state').anyOf(UNSENT).count()
  return left === 0 && (await photoKeys(db, 'waiting')).length === 0
}
