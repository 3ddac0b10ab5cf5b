/**
 * Who is here. The token lives in the database only; the address loses code and ticket before anything else runs.
 * An expired login keeps everything: the same courier comes in again and goes on with the same device and numbers.
 */

import { uuidv7 } from 'uuidv7'

import type { Core } from './core'
import type { Database, DeviceRow, Meta, SessionRow } from './database'
import { EngineError } from './errors'
import { isOk, refusal } from './net'
import { isEmpty, release } from './queue'

export type Status = 'starting' | 'out' | 'in' | 'expired'

/** What the fragment of a link brings: to enter with `code` (QR of the office) or `ticket` (from the portal); to land at. */
export interface Opening {
  entry: string | null
  delivery: string | null
}

export function openingOf(hash: string): Opening {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  return { entry: given.get('ticket') ?? given.get('code'), delivery: given.get('delivery') }
}

/** Takes the opening out of the address at once: an entry must not stay in the history or go out with a link. */
export function takeOpening(): Opening | null {
  const opening = openingOf(location.hash)
  const brings = opening.entry !== null || opening.delivery !== null
  const home = import.meta.env.BASE_URL
  // Opened without a network the page stands at the portal's door, or without the last slash outside its worker's scope.
  const stray = location.pathname !== home
  if (brings || stray) history.replaceState(history.state, '', home + (brings ? '' : location.hash))
  return brings ? opening : null
}

export function statusOf(session: SessionRow | undefined): Status {
  if (!session) return 'out'
  return session.token ? 'in' : 'expired'
}

interface Welcome {
  token: string
  expires_at: string | null
  courier: { ref: string; name: string }
  entry: string
}

const SAME_TRY_MS = 10 * 60_000

/** Raises login_code_wrong and what else the server says, no_connection, queue_not_empty (another courier's). */
export async function signIn({ db, net, now }: Core, code: string): Promise<void> {
  const login = await loginTry(db, code.trim(), now())
  const body = { code: login.code, device: login.device }
  const answer = await net.call('POST', '/courier/login', { body, headers: { 'idempotency-key': login.key } })
  if (isOk(answer)) return enter(db, answer.body as Welcome, login)
  // Told to come later, the try has had no effect and goes on under its key.
  if (answer.status < 500 && answer.status !== 429) await db.whole(() => endTry(db, login))
  throw refusal(answer)
}

/** An answer may be lost: the same code goes again under the same key, and works again. */
const loginTry = (db: Database, code: string, now: number) =>
  db.whole(async () => {
    const [before, session] = [await db.get('login'), await db.get('session')]
    if (before && before.code === code && now - before.at < SAME_TRY_MS) return before
    const number = Math.max(before?.number ?? 0, session?.number ?? 0) + 1
    const login = { code, key: uuidv7(), device: (await db.get('device'))?.id ?? uuidv7(), at: now, number }
    await db.put('login', login)
    return login
  })

/** A login that a killed page did not hear the end of. */
export async function unfinishedLogin({ db, now }: Core): Promise<string | null> {
  const login = await db.get('login')
  return login && now() - login.at < SAME_TRY_MS ? login.code : null
}

/** Together with the end of the try: a page that is killed in between would have lost the token, and the code is used. */
async function enter(db: Database, welcome: Welcome, login: Meta['login']): Promise<void> {
  const isIn = await db.whole(async () => {
    await endTry(db, login)
    const [known, session, number] = [await db.get('device'), await db.get('session'), login.number ?? 0]
    // A later try was answered first: with that the server has ended what this one brings.
    if (session?.token && (session.number ?? 0) > number) return true
    const other = known && known.courier !== welcome.courier.ref
    if (other && !(await isEmpty(db))) return false
    if (other) await leave(db)
    if (!known || other) await db.put('device', fresh(other ? uuidv7() : login.device, welcome.courier.ref))
    const { token, courier, entry, expires_at } = welcome
    await db.put('session', { token, courier, entry, expires_at, number })
    return true
  })
  if (!isIn) throw new EngineError('queue_not_empty')
}

/** Another try, begun meanwhile, is not over with this one. */
const endTry = async (db: Database, { key }: Meta['login']): Promise<void> => {
  if ((await db.get('login'))?.key === key) await db.drop('login')
}

const fresh = (id: string, courier: string): DeviceRow => ({ id, courier, next_seq: 1, next_order: 1 })

/** What another courier has no business with. His rejected steps stay in the queue, shown to nobody but him. */
async function leave(db: Database): Promise<void> {
  await db.queue.where('state').equals('accepted').delete()
  await Promise.all([db.day.clear(), db.drafts.clear(), db.photos.clear(), db.thumbs.clear()])
}

/** Refused while something is not sent. The device and its counter stay for the next time. */
export const signOut = ({ db, now }: Core): Promise<void> =>
  release(db, now()).then(() =>
    db.whole(async () => {
      if (!(await isEmpty(db))) throw new EngineError('queue_not_empty')
      await Promise.all([db.drop('session'), db.day.clear(), db.drafts.clear()])
    }),
  )

/** The server does not take this token any more; a newer one of a login meanwhile stays. True: there is such, to try with. */
export const expire = (db: Database, token: string): Promise<boolean> =>
  db.whole(async () => {
    const session = await db.get('session')
    if (session?.token === token) await db.put('session', { ...session, token: null })
    return session !== undefined && session.token !== null && session.token !== token
  })
