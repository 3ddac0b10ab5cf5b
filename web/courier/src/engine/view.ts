/** One consistent look at the database, and what the stores show of it. */

import type { Database, DayRow, DeviceRow, QueueRow, SessionRow } from './database'
import { project } from './project'
import { isHeld, photoKeys } from './queue'
import type { Day, QueueItem, ShownDelivery } from './types'

export interface Look {
  session: SessionRow | undefined
  device: DeviceRow | undefined
  day: DayRow | undefined
  /** The courier's, in the order of acts. */
  rows: QueueRow[]
  /** Photos that belong to steps and are not on the server yet: hash -> bytes. */
  waiting: Map<string, number>
}

export const look = (db: Database): Promise<Look> =>
  db.transaction('r', db.tables, async () => {
    const [session, device] = [await db.get('session'), await db.get('device')]
    const day = device && (await db.day.get(device.courier))
    const rows = await db.queue.filter((row) => row.courier === device?.courier).toArray()
    const waiting = new Map((await photoKeys(db, 'waiting')).map(({ sha256, bytes }) => [sha256, bytes]))
    return { session, device, day, rows: rows.sort(byActs(device)), waiting }
  })

/** What an earlier device of the same courier left (rejected steps) is older than anything of this one. */
const byActs =
  (device: DeviceRow | undefined) =>
  (a: QueueRow, b: QueueRow): number =>
    Number(a.device === device?.id) - Number(b.device === device?.id) || a.order - b.order

/** Newest first. */
export const itemsOf = (seen: Look, underWay: readonly string[], now: number): QueueItem[] =>
  seen.rows.map((row) => itemOf(row, seen.waiting, underWay, now)).reverse()

function itemOf(row: QueueRow, waiting: Look['waiting'], underWay: readonly string[], now: number): QueueItem {
  const { id, seq, delivery, order_number, tries, wire } = row
  const held = isHeld(row, now)
  const stored = row.state === 'held' && !held ? 'waiting' : row.state
  const open = stored === 'waiting' || stored === 'parked'
  // An accepted step may still want a person: one of its photos was refused.
  const fault = row.state === 'accepted' ? Object.values(row.photo_faults)[0] : row
  return {
    id,
    seq,
    delivery,
    order_number,
    tries,
    type: wire.type,
    at_device: wire.at_device,
    payload: wire.payload,
    photos: wire.photos,
    state: open && underWay.includes(id) ? 'sending' : stored,
    code: fault?.code ?? null,
    message: fault?.message ?? null,
    photos_left: wire.photos.filter((sha256) => waiting.has(sha256)).length,
    held_until: held ? row.held_until : null,
  }
}

export const isUnsent = (item: QueueItem): boolean => item.state !== 'accepted' && item.state !== 'rejected'

/** For a person to look at: the event was refused, or one of its photos was. */
export const needsAttention = (item: QueueItem): boolean =>
  item.state === 'rejected' || (item.state === 'accepted' && item.code !== null)

export function shownDay(seen: Look, items: readonly QueueItem[]): { day: Day; deliveries: ShownDelivery[] } | null {
  if (!seen.day) return null
  const { day, deliveries } = project(seen.day, seen.rows)
  const shown = deliveries.map((one) => {
    const own = items.filter((item) => item.delivery === one.id)
    const photos = new Set(own.flatMap((item) => item.photos).filter((sha256) => seen.waiting.has(sha256)))
    return { ...one, pending: own.filter(isUnsent), attention: own.filter(needsAttention), photos_on_the_way: photos.size }
  })
  return { day, deliveries: shown }
}

/** The newest step that can be undone: of its delivery it is the last. */
export const undoable = (items: readonly QueueItem[]): QueueItem | null => items.find((item) => item.state === 'held') ?? null
