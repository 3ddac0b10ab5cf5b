/** What the server says of events and photos, taken into the queue. Every function may be repeated without harm. */

import type { Database, Fault, QueueRow } from './database'

export interface Result {
  id: string
  status: 'accepted' | 'duplicate' | 'rejected' | 'retry_later'
  code?: string | null
  message?: string | null
}

/** sent: what was in the request. Returns numbers that the server lacks and this phone no longer has. */
export const takeResults = (db: Database, sent: QueueRow[], results: Result[], missing: number[], now: number): Promise<number[]> =>
  db.whole(async () => {
    const tick = await nextTick(db)
    for (const row of sent) {
      const result = results.find((one) => one.id === row.id)
      // "Later" is no news of what another tab has heard the end of.
      const over = result?.status === 'retry_later' && (await db.queue.get(row.id))?.done_at != null
      if (result && !over) await db.queue.update(row.id, after(row, result, now, tick))
    }
    return takeMissing(db, sent[0]?.device ?? '', missing, tick - 1)
  })

async function nextTick(db: Database): Promise<number> {
  const tick = ((await db.get('tick')) ?? 0) + 1
  await db.put('tick', tick)
  return tick
}

function after(row: QueueRow, result: Result, now: number, tick: number): Partial<QueueRow> {
  const said = { tries: row.tries + 1, code: result.code || null, message: result.message || null }
  if (result.status === 'rejected') return { ...said, state: 'rejected', done_at: now, tick }
  if (result.status === 'retry_later') return { ...said, state: result.code === 'waits_for_earlier' ? 'parked' : 'waiting' }
  return { ...said, state: 'accepted', done_at: now, tick }
}

/**
 * Sends again what the server lacks although it once accepted it (a restored server). Call inside a transaction.
 * until: answers after this tick are newer than the server's list and are not touched.
 */
export async function takeMissing(db: Database, device: string, missing: number[], until: number): Promise<number[]> {
  const gone: number[] = []
  for (const seq of missing) {
    const row = await db.queue.where('[device+seq]').equals([device, seq]).first()
    if (!row) gone.push(seq)
    else if (row.done_at !== null && row.tick <= until) await db.queue.update(row.id, { state: 'waiting', done_at: null, tick: 0 })
  }
  return gone
}

/** A request of this one event alone was refused as a whole: it stays and is tried again later. */
export const takeRefusal = (db: Database, row: QueueRow, fault: Fault): Promise<void> =>
  db.whole(async () => void (await db.queue.update(row.id, { ...fault, tries: row.tries + 1 })))

/** The server has these bytes under this hash: the phone may forget them. The thumbnail stays. */
export const takePhotoKept = (db: Database, sha256: string): Promise<void> =>
  db.whole(async () => {
    await db.photos.delete(sha256)
    await withFault(db, sha256, null)
  })

export const takePhotoRefusal = (db: Database, sha256: string, fault: Fault): Promise<void> =>
  db.whole(async () => {
    await db.photos.where('sha256').equals(sha256).modify({ state: 'refused' })
    await withFault(db, sha256, fault)
  })

/** The courier asks to try once more. */
export const retryRefusedPhotos = (db: Database): Promise<void> =>
  db.whole(async () => {
    const refused = await db.photos.where('[state+bytes+sha256]').between(['refused', 0, ''], ['refused', Infinity, '\uffff']).toArray()
    for (const photo of refused) await db.photos.update(photo.sha256, { state: 'waiting' })
  })

async function withFault(db: Database, sha256: string, fault: Fault | null): Promise<void> {
  const naming = db.queue.filter((row) => row.wire.photos.includes(sha256))
  await naming.modify((row) => {
    if (fault) row.photo_faults[sha256] = fault
    else delete row.photo_faults[sha256]
  })
}
