/** Brings the queue to the server: events in the order of their numbers, then photos, smallest first. */

import { takePhotoKept, takePhotoRefusal, takeRefusal, takeResults, retryRefusedPhotos, type Result } from './answers'
import type { Core } from './core'
import type { QueueRow } from './database'
import { asEngineError, EngineError } from './errors'
import { alone } from './lock'
import { isOk, refusal, type Answer } from './net'
import { photoKeys, release, sendable } from './queue'
import { expire } from './session'

/** By how much each may; what comes during a round is kept as the mightiest of it. */
const TRIGGERS = ['quiet', 'online', 'user'] as const
export type Trigger = (typeof TRIGGERS)[number]

export interface SenderState {
  sending: boolean
  online: boolean
  problem: EngineError | null
  /** Code 'gap': numbers that the server lacks and this phone no longer has; told by every answer to events. */
  gap: EngineError | null
  next_try_at: number | null
  /** Ids of the events that are in the request now. */
  under_way: readonly string[]
}

export interface Sender {
  /** Resolves when everything that could be sent was tried. `quiet` waits out a pause, a person or `online` ends it. */
  send(trigger: Trigger): Promise<void>
}

const BATCH = 50
const LANES = 2
const PING_MS = 4_000
const PING_MOST_MS = 15_000
const PHOTO_MS = 120_000
const LEAST_PAUSE_MS = 1_000
const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 300_000
const TOO_MUCH = [400, 413, 422]
// Of this picture. 400 is a body that broke off on its way, 403 is about the courier: both are tried again.
const PHOTO_REFUSED = [413, 415, 422]

/** 2 s … 5 min, half of it by chance, so that phones that lost one server do not come back at the same moment. */
export const pauseMs = (failures: number, chance: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)) * (0.5 + chance / 2)

/** told: changes of the state. sent: something reached the server, so the day is worth reading again. */
export function createSender(core: Core, told: (state: Partial<SenderState>) => void, sent: () => void): Sender {
  let running: Promise<void> | null = null
  let again: Trigger | null = null
  let failures = 0
  /** Questions in a row without a good answer: over a slow network the next one is waited for longer. */
  let misses = 0
  let notBefore = 0
  /** The server itself named a time: nobody's impatience shortens it. */
  let bidden = false

  async function send(trigger: Trigger): Promise<void> {
    if (!running) return (running = rounds(trigger))
    if (again === null || TRIGGERS.indexOf(trigger) > TRIGGERS.indexOf(again)) again = trigger
    return running
  }

  async function rounds(first: Trigger): Promise<void> {
    for (let trigger: Trigger | null = first; trigger; trigger = again) {
      again = null
      await round(trigger)
    }
    running = null // in the same breath as the last look at `again`: nothing that is pressed falls in between
  }

  async function round(trigger: Trigger): Promise<void> {
    if (trigger !== 'quiet' && !bidden) [failures, notBefore] = [0, 0]
    try {
      await release(core.db, core.now())
      if (trigger === 'user') await retryRefusedPhotos(core.db)
      if (isPause()) return told({ next_try_at: notBefore })
      await alone(core.db, 'sender', () => deliver())
    } catch (fault) {
      told({ problem: asEngineError(fault) }) // the phone's own database: nothing was sent, nothing is lost
    }
  }

  /** A clock that was moved back must not make it hours. */
  const isPause = (): boolean => notBefore > core.now() && notBefore <= core.now() + LONGEST_PAUSE_MS

  async function deliver(): Promise<void> {
    const token = (await core.db.get('session'))?.token
    if (!token) return
    const trip = new Trip(core, token, told)
    if (!(await sendable(core.db)).length && !(await trip.photosDue()).length) return told({ problem: null, next_try_at: null })
    told({ sending: true })
    let fault: EngineError | null = null
    try {
      misses += 1
      await trip.ping(Math.min(PING_MOST_MS, PING_MS * 2 ** (misses - 1)))
      misses = 0
      do await trip.events()
      while (await trip.photos())
      fault = trip.postponed
    } catch (raised) {
      fault = asEngineError(raised)
    }
    settle(fault)
    if (trip.outlived) again ??= 'quiet'
    if (trip.moved) sent()
  }

  function settle(fault: EngineError | null): void {
    const over = { sending: false, under_way: [] }
    bidden = fault?.retryAfterMs != null
    if (!fault || fault.code === 'signed_out') {
      ;[failures, notBefore] = [0, 0]
      return told({ ...over, online: true, next_try_at: null, problem: null })
    }
    failures += 1
    const asked = fault.retryAfterMs === null ? pauseMs(failures, Math.random()) : Math.max(fault.retryAfterMs, LEAST_PAUSE_MS)
    notBefore = core.now() + Math.min(asked, LONGEST_PAUSE_MS)
    told({ ...over, online: fault.code !== 'no_connection', next_try_at: notBefore, problem: fault.code === 'retry_later' ? null : fault })
  }

  return { send }
}

/** One way to the server and back. Raises EngineError when going on makes no sense now. */
class Trip {
  moved = false
  /** Something has to be tried again later although the server is well. */
  postponed: EngineError | null = null
  /** The token is over, but he has come in anew meanwhile. */
  outlived = false
  private readonly tried = new Set<string>()

  constructor(
    private readonly core: Core,
    private readonly token: string,
    private readonly told: (state: Partial<SenderState>) => void,
  ) {}

  /** The truth about the network: `navigator.onLine` and a captive portal both lie. */
  async ping(timeoutMs: number): Promise<void> {
    const answer = await this.core.net.call('GET', '/courier/ping', { timeoutMs })
    if (!isOk(answer) || !said(answer, 'server_time')) throw answer.status >= 400 ? refusal(answer) : new EngineError('no_connection')
    this.told({ online: true })
  }

  async events(): Promise<void> {
    for (let size = BATCH; ; ) {
      const batch = (await this.untried()).slice(0, size)
      if (!batch.length) return
      this.told({ under_way: batch.map((row) => row.id) })
      const answer = await this.post(batch)
      if (TOO_MUCH.includes(answer.status) && batch.length > 1) {
        size = Math.ceil(batch.length / 2)
        continue
      }
      for (const row of batch) this.tried.add(row.id)
      if (isOk(answer)) await this.taken(batch, answer)
      else if (TOO_MUCH.includes(answer.status)) await this.refused(batch, answer)
      else throw await this.stopped(answer)
    }
  }

  private async untried(): Promise<QueueRow[]> {
    return (await sendable(this.core.db)).filter((row) => !this.tried.has(row.id))
  }

  private async post(batch: QueueRow[]): Promise<Answer> {
    const unsent = await this.core.db.queue.where('state').anyOf('held', 'waiting', 'parked').count()
    const body = {
      device: batch[0]?.device,
      app_version: this.core.version,
      unsent: Math.max(0, unsent - batch.length),
      events: batch.map((row) => ({ ...row.wire, seq: row.seq })),
    }
    return this.core.net.call('POST', '/courier/events', { token: this.token, body })
  }

  private async taken(batch: QueueRow[], answer: Answer): Promise<void> {
    const { results, missing } = answer.body as { results?: Result[]; missing?: number[] }
    if (!Array.isArray(results)) throw new EngineError('no_connection')
    const gone = await takeResults(this.core.db, batch, results, missing ?? [], this.core.now())
    this.told({ gap: gone.length ? new EngineError('gap', gone.join(', ')) : null })
    const isOpen = (row: QueueRow): boolean => (results.find((one) => one.id === row.id)?.status ?? 'retry_later') === 'retry_later'
    // What is only put off is no news: reading the day for it would end the pause that it was put off with.
    if (!batch.every(isOpen)) this.moved = true
    if (batch.some(isOpen)) this.postponed = new EngineError('retry_later')
  }

  private async refused(batch: QueueRow[], answer: Answer): Promise<void> {
    const fault = refusal(answer)
    for (const row of batch) await takeRefusal(this.core.db, row, { code: fault.code, message: fault.detail })
    this.postponed = fault
  }

  /** Photos of steps that can no longer be undone, smallest first. */
  async photosDue(): Promise<string[]> {
    const held = await this.core.db.queue.where('state').equals('held').toArray()
    const later = new Set(held.flatMap((row) => row.wire.photos))
    return (await photoKeys(this.core.db, 'waiting')).map((key) => key.sha256).filter((sha256) => !later.has(sha256))
  }

  /** True: a step was recorded meanwhile, which goes before the rest of the photos. */
  async photos(): Promise<boolean> {
    const due = await this.photosDue()
    const lane = async (): Promise<void> => {
      for (let next = due.shift(); next !== undefined; next = due.shift()) {
        await this.photo(next)
        if ((await this.untried()).length) return
      }
    }
    const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane))
    const broken = lanes.find((one) => one.status === 'rejected')
    if (broken) throw broken.reason
    return (await this.untried()).length > 0
  }

  private async photo(sha256: string): Promise<void> {
    const row = await this.core.db.photos.get(sha256)
    if (row?.state !== 'waiting') return
    const answer = await this.core.net.call('PUT', `/photos/${sha256}`, { token: this.token, jpeg: row.content, timeoutMs: PHOTO_MS })
    if (isOk(answer)) {
      // Only the server's own word for this hash lets the phone forget the picture.
      if (said(answer, 'sha256')?.toLowerCase() !== sha256) throw new EngineError('no_connection')
      await takePhotoKept(this.core.db, sha256)
      this.moved = true
      return
    }
    if (!PHOTO_REFUSED.includes(answer.status)) throw await this.stopped(answer)
    const fault = refusal(answer)
    await takePhotoRefusal(this.core.db, sha256, { code: fault.code, message: fault.detail })
  }

  private async stopped(answer: Answer): Promise<EngineError> {
    if (answer.status !== 401) return refusal(answer)
    this.outlived = await expire(this.core.db, this.token)
    return new EngineError('signed_out')
  }
}

const said = (answer: Answer, key: string): string | null => {
  const value = (answer.body as Record<string, unknown> | null)?.[key]
  return typeof value === 'string' ? value : null
}
