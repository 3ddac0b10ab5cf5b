/** One at a time over all tabs of this browser: Web Locks, and a lease in the database where there are none. */

import { uuidv7 } from 'uuidv7'

import type { Database } from './database'

const LEASE_MS = 30_000
const RENEW_MS = 10_000

/** Runs `work` alone; false if another tab holds the lease. With Web Locks it waits for its turn. */
export async function alone(db: Database, name: string, work: () => Promise<void>, locks = navigator.locks as LockManager | undefined): Promise<boolean> {
  if (locks) {
    await locks.request(`posrednik-courier-${name}`, work)
    return true
  }
  const owner = uuidv7()
  if (!(await lease(db, owner))) return false
  const renewal = setInterval(() => void lease(db, owner).catch(() => undefined), RENEW_MS)
  try {
    await work()
  } finally {
    clearInterval(renewal)
    await db.whole(async () => void ((await db.get('lease'))?.owner === owner && (await db.drop('lease'))))
  }
  return true
}

/** A tab that died is passed over when its lease ends; two at once would only send the same twice, which is harmless. */
const lease = (db: Database, owner: string): Promise<boolean> =>
  db.whole(async () => {
    const now = Date.now()
    const held = await db.get('lease')
    if (held && held.owner !== owner && held.until > now && held.until <= now + LEASE_MS) return false
    await db.put('lease', { owner, until: now + LEASE_MS })
    return true
  })
