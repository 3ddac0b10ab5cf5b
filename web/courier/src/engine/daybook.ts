/** The day's snapshot: read with its ETag, kept for a start without a network. */

import { takeMissing } from './answers'
import type { Core } from './core'
import type { Database, DayRow, QueueRow } from './database'
import { EngineError } from './errors'
import { isOk, refusal, type Answer } from './net'
import { isContained, withSteps } from './project'
import { KEEP_MS } from './queue'
import { expire } from './session'
import type { Day, Delivery } from './types'

export interface Renewed {
  /** Events have to be sent again. */
  again: boolean
  /** The server lacks what this phone no longer has. */
  gone: EngineError | null
}

const NOTHING: Renewed = { again: false, gone: null }

/** Reads and keeps the day. Raises no_connection and the server's codes. */
export async function renewDay({ db, net, now }: Core): Promise<Renewed> {
  const [session, device] = [await db.get('session'), await db.get('device')]
  if (!session?.token || !device) return NOTHING
  const before = await db.day.get(device.courier)
  // Answers up to here are in what the server tells now; those that come while it tells are not.
  const tick = (await db.get('tick')) ?? 0
  const path = `/courier/day?device=${encodeURIComponent(device.id)}`
  const headers: Record<string, string> = before?.etag ? { 'if-none-match': before.etag } : {}
  const answer = await net.call('GET', path, { token: session.token, headers })
  if (answer.status === 401) {
    await expire(db, session.token)
    return NOTHING
  }
  if (answer.status !== 304 && !isOk(answer)) throw refusal(answer)
  const gone = await keep(db, device.courier, answer, tick, now())
  const again = (await db.queue.where('state').equals('waiting').count()) > 0
  return { again, gone: gone.length ? new EngineError('gap', gone.join(', ')) : null }
}

const keep = (db: Database, courier: string, answer: Answer, tick: number, now: number): Promise<number[]> =>
  db.whole(async () => {
    const [before, device] = [await db.day.get(courier), await db.get('device')]
    if (device?.courier !== courier) return [] // another one came in while the server answered
    if (before && before.tick > tick) return [] // another tab has read the day later than we
    const day = answer.status === 304 ? before?.day : (answer.body as Day)
    if (!day) return []
    const after: DayRow = { courier, day, etag: answer.etag ?? before?.etag ?? null, at: now, tick, kept: [] }
    const rows = await db.queue.where('device').equals(device.id).sortBy('order')
    after.kept = stillOurs(before, after, rows)
    await db.day.put(after)
    await forgetOld(db, after, rows, now)
    return takeMissing(db, device.id, [...(day.device?.missing ?? []), ...beyond(day, rows)], tick)
  })

/** Numbers that the server once answered and now counts as never given: it was restored from a copy. */
const beyond = (day: Day, rows: QueueRow[]): number[] =>
  rows.filter((row) => row.done_at !== null && row.seq > (day.device?.last_seq ?? 0)).map((row) => row.seq)

/**
 * Deliveries that left the snapshot (given to another, cancelled) while this phone has not said all: they stay as
 * they were, with the steps in them that the server has, so that the rest still fits on them.
 */
function stillOurs(before: DayRow | undefined, after: DayRow, rows: QueueRow[]): Delivery[] {
  if (!before) return []
  const there = new Set(after.day.deliveries.map((one) => one.id))
  const open = rows.filter((row) => row.state !== 'rejected' && !isContained(row, after))
  const unsaid = new Set(open.map((row) => row.delivery))
  return [...before.day.deliveries, ...before.kept]
    .filter((one) => !there.has(one.id) && unsaid.has(one.id))
    .map((one) => withSteps(one, rows.filter((row) => row.delivery === one.id && !isContained(row, before) && isContained(row, after)), rows))
}

async function forgetOld(db: Database, day: DayRow, rows: QueueRow[], now: number): Promise<void> {
  const waiting = new Set((await db.photos.toCollection().primaryKeys()) as string[])
  const over = rows.filter(
    (row) =>
      row.state === 'accepted' &&
      (row.done_at ?? now) < now - KEEP_MS &&
      isContained(row, day) &&
      !row.wire.photos.some((sha256) => waiting.has(sha256)),
  )
  await db.queue.bulkDelete(over.map((row) => row.id))
  await db.thumbs.where('at').below(now - KEEP_MS).delete()
  await db.drafts.where('at').below(now - KEEP_MS).delete()
  // A picture that was taken and never used; its draft is gone as well by now.
  await db.photos
    .where('[state+bytes+sha256]')
    .between(['draft', 0, ''], ['draft', Infinity, '\uffff'])
    .filter((photo) => photo.taken_at < now - KEEP_MS)
    .delete()
}
