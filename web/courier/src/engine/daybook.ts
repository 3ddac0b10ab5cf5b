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
export async function renewDay(core: Core): Promise<Renewed> {
  const { db, net, now } = core
  const asked = await db.whole(() => ask(db))
  if (!asked) return NOTHING
  const path = `/courier/day?device=${encodeURIComponent(asked.device)}`
  const headers: Record<string, string> = asked.etag ? { 'if-none-match': asked.etag } : {}
  const answer = await net.call('GET', path, { token: asked.token, headers })
  if (answer.status === 401) return (await expire(db, asked.token)) ? renewDay(core) : NOTHING
  if (answer.status !== 304 && !isOk(answer)) throw refusal(answer)
  const { gone, again } = await keep(db, asked, answer, now())
  return { again, gone: gone.length ? new EngineError('gap', gone.join(', ')) : null }
}

interface Asked {
  number: number
  token: string
  courier: string
  device: string
  etag: string | null
  /** Answers up to here are in what the server tells now; those that come while it tells are not. */
  tick: number
}

/** All of one moment: between two looks another courier may come in. Call inside a transaction. */
async function ask(db: Database): Promise<Asked | null> {
  const [session, device, readings] = [await db.get('session'), await db.get('device'), (await db.get('readings')) ?? { asked: 0, kept: 0 }]
  if (!session?.token || !device) return null
  const number = readings.asked + 1
  await db.put('readings', { ...readings, asked: number })
  const [before, tick] = [await db.day.get(device.courier), (await db.get('tick')) ?? 0]
  return { number, token: session.token, courier: device.courier, device: device.id, etag: before?.etag ?? null, tick }
}

const keep = (db: Database, asked: Asked, answer: Answer, now: number): Promise<{ gone: number[]; again: boolean }> =>
  db.whole(async () => {
    const gone = (await mayKeep(db, asked)) ? await kept(db, asked, answer, now) : []
    return { gone, again: (await db.queue.where('state').equals('waiting').count()) > 0 }
  })

async function mayKeep(db: Database, { number, device }: Asked): Promise<boolean> {
  // He left, or another one came in, while the server answered.
  if (!(await db.get('session')) || (await db.get('device'))?.id !== device) return false
  const readings = await db.get('readings')
  if (!readings || readings.kept > number) return false // what was asked for later has come before it
  await db.put('readings', { ...readings, kept: number })
  return true
}

async function kept(db: Database, { courier, device, etag, tick }: Asked, answer: Answer, now: number): Promise<number[]> {
  const before = await db.day.get(courier)
  // "As you have it": but meanwhile another tab's reading is what we have.
  if (answer.status === 304 && before?.etag !== etag) return []
  const day = answer.status === 304 ? before?.day : (answer.body as Day)
  if (!day) return []
  const after: DayRow = { courier, day, etag: answer.status === 304 ? etag : answer.etag, at: now, tick, kept: [] }
  const rows = await db.queue.where('device').equals(device).sortBy('order')
  after.kept = stillOurs(before, after, rows)
  await db.day.put(after)
  await forgetOld(db, after, rows, now)
  return takeMissing(db, device, [...(day.device?.missing ?? []), ...beyond(day, rows)], tick)
}

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
