/** All that the phone keeps, in IndexedDB. A new shape is a further `version(n)` with `upgrade`, never an edit of an old one. */

import Dexie, { type Table } from 'dexie'

import { EngineError } from './errors'
import type { Day, Delivery, DraftStep, EventType, Geo, GeoError, QueueItem } from './types'

/** What goes to the server, made once: a repeat must be the same to the last letter. The number joins it on sending. */
export interface Wire {
  id: string
  type: EventType
  delivery?: string
  at_device: string
  tz: string
  mono_ms: number
  clock_offset_ms: number
  geo?: Geo
  geo_error?: GeoError
  photos: string[]
  version?: number
  rules_version: string
  payload: Record<string, unknown>
}

export interface Fault {
  code: string
  message: string
}

export interface QueueRow {
  id: string
  /** Order of the acts on this phone; `seq` follows it. The clock may jump, so it is no time. */
  order: number
  seq: number
  courier: string
  device: string
  delivery: string | null
  order_number: string | null
  wire: Wire
  state: Exclude<QueueItem['state'], 'sending'>
  held_until: number | null
  tries: number
  code: string | null
  message: string | null
  /** Photos that the server refused, by hash. */
  photo_faults: Record<string, Fault>
  /** When the server's answer was final (ms), and the tick of it: see `DayRow.tick`. */
  done_at: number | null
  tick: number
  /** The draft that became this step; `undo` gives it back. */
  draft: DraftRow | null
}

export interface DayRow {
  courier: string
  etag: string | null
  day: Day
  at: number
  /** Counts answers: an event accepted at a tick up to this one is contained in the snapshot, a later one is not. */
  tick: number
  /** Left the snapshot while steps of this phone on them were not sent. */
  kept: Delivery[]
}

export interface PhotoRow {
  sha256: string
  type: string
  /** ArrayBuffer, not Blob: iOS loses blobs. */
  content: ArrayBuffer
  bytes: number
  width: number
  height: number
  taken_at: number
  state: 'draft' | 'waiting' | 'refused'
}

export interface ThumbRow {
  sha256: string
  type: string
  content: ArrayBuffer
  at: number
}

export interface DraftRow {
  delivery: string
  step: DraftStep
  form: unknown
  at: number
}

export interface SessionRow {
  token: string | null
  courier: { ref: string; name: string }
  entry: string
  expires_at: string | null
  /** Which try to log in it is of; absent in what an earlier version wrote. */
  number?: number
}

/** The counter of one courier on this phone. */
export interface DeviceRow {
  id: string
  courier: string
  next_seq: number
  next_order: number
}

export interface Meta {
  session: SessionRow
  device: DeviceRow
  /** Last offsets of the server's clock in ms, oldest first. */
  clock: number[]
  /** A login whose answer has not come: repeated under the same key. */
  login: { code: string; key: string; device: string; at: number; number?: number }
  tick: number
  /** Readings of the day, counted as they are asked for; `kept`: the latest of those that were kept. */
  readings: { asked: number; kept: number }
  lease: { owner: string; until: number }
}

interface MetaRow {
  key: keyof Meta
  value: Meta[keyof Meta]
}

export class Database extends Dexie {
  declare day: Table<DayRow, string>
  declare queue: Table<QueueRow, string>
  declare photos: Table<PhotoRow, string>
  declare thumbs: Table<ThumbRow, string>
  declare drafts: Table<DraftRow, [string, string]>
  declare private meta: Table<MetaRow, string>

  constructor(name = 'posrednik-courier') {
    super(name, { chromeTransactionDurability: 'strict' })
    this.version(1).stores({
      day: '&courier',
      queue: '&id, [device+seq], device, state',
      // The index tells state and size of all photos without reading their bytes.
      photos: '&sha256, [state+bytes+sha256]',
      thumbs: '&sha256, at',
      drafts: '&[delivery+step], at',
      meta: '&key',
    })
  }

  async get<K extends keyof Meta>(key: K): Promise<Meta[K] | undefined> {
    return (await this.meta.get(key))?.value as Meta[K] | undefined
  }

  async put<K extends keyof Meta>(key: K, value: Meta[K]): Promise<void> {
    await this.meta.put({ key, value })
  }

  async drop(key: keyof Meta): Promise<void> {
    await this.meta.delete(key)
  }

  /** All or nothing, over everything: the writes are small, so that one lock for all costs nothing and cannot cross. */
  whole<T>(work: () => Promise<T>): Promise<T> {
    return stored(this, () => this.transaction('rw', this.tables, work))
  }
}

// iOS closes or loses the connection of a page that slept; a new one works again.
// The last two no try mends: no database in this window, or one of a newer application; the courier is told all the same.
const BROKEN = new Set([
  'UnknownError',
  'DatabaseClosedError',
  'InvalidStateError',
  'OpenFailedError',
  'TimeoutError',
  'MissingAPIError',
  'VersionError',
])
const TRIES = 3

/** Runs `work` on a live connection. Raises storage_full, or storage_broken when reopening did not help. */
export async function stored<T>(db: Dexie, work: () => PromiseLike<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (fault) {
      const names = namesOf(fault)
      if (names.includes('QuotaExceededError')) throw new EngineError('storage_full')
      if (!names.some((name) => BROKEN.has(name))) throw fault
      if (attempt === TRIES) throw new EngineError('storage_broken', names.join(', '))
      db.close({ disableAutoOpen: false })
      await db.open().catch(() => undefined)
    }
  }
}

/** Of the fault and of what caused it: an aborted transaction hides the reason inside. */
function namesOf(fault: unknown): string[] {
  const names: string[] = []
  for (let one: unknown = fault; one instanceof Object && names.length < 4; one = (one as { inner?: unknown }).inner) {
    names.push(String((one as { name?: unknown }).name))
  }
  return names
}
