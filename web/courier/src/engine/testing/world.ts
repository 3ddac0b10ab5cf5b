/** A phone and its server for tests: a real database (fake-indexeddb), a server that keeps the contract, own clock. */

import { createHash } from 'node:crypto'

import type { Core } from '../core'
import { Database, type QueueRow } from '../database'
import { EngineError } from '../errors'
import type { Answer, Net, Request } from '../net'
import { createSender, type SenderState } from '../sender'
import { signIn } from '../session'
import type { Day, Delivery, Line, NewStep } from '../types'

export const COURIER = { ref: 'c0000000-0000-0000-0000-000000000001', name: 'Илья Петров' }
export const OTHER = { ref: 'c0000000-0000-0000-0000-000000000002', name: 'Анна Ким' }
let names = 0

export const aLine = (over: Partial<Line> = {}): Line => ({
  line: '1', product: 'p1', characteristic: null, name: 'Термос', unit: 'шт', by_weight: false, quantity: '2',
  price: '990.00', sum: '1980.00', picked: '0', accepted: '0', refused: '0', carried: '0', returned: '0', ...over,
})

export const aDelivery = (over: Partial<Delivery> = {}): Delivery => ({
  id: 'd1', version: 1, division: 'v1', stage: 'ready', mine: true, trial: false,
  order: { ref: 'o1', number: 'ЦБ-000001', site_number: null }, recipient: { name: 'Мария', phone: '+79120000001' },
  address: { text: 'Ленина, 1' }, window: null, comment: null, lines: [aLine()], goods: '1980.00',
  delivery_price: '300.00', prepaid: '0.00', amount_due: '2280.00', amount_due_by_hand: false, payment_method: 'cash',
  receipt: false, amount_taken: null, reference: null, reason: null, reason_comment: null, next_date: null, retries: 0,
  goods_out: false, claimed_back: false, photos: [],
  times: { ready_at: '2026-11-22T06:00:00+00:00', picked_up_at: null, departed_at: null, handed_over_at: null, settled_at: null },
  ...over,
})

export const aDay = (over: Partial<Day> = {}): Day => ({
  server_time: '2026-11-22T07:00:00+00:00', day: '2026-11-22', time_zone: 'Europe/Moscow', rules_version: 'r1',
  courier: { ...COURIER, phone: '', division: 'v1' }, rules: {}, deliveries: [aDelivery()], backpack: [],
  cash: { change: '0.00', collected: '0.00', to_hand_in: '0.00' }, shift: null, device: null, ...over,
})

type WireEvent = QueueRow['wire'] & { seq: number }
type Meddling = (method: string, path: string, request: Request) => Partial<Answer> | undefined
interface Stored {
  device: string
  event: WireEvent
  status: 'accepted' | 'rejected'
}

/** Keeps what it was sent as the real one does: by id, by device and number, parked while an earlier one is missing. */
export class Server {
  readonly events = new Map<string, Stored>()
  readonly photos = new Map<string, ArrayBuffer>()
  readonly calls: string[] = []
  readonly batches: WireEvent[][] = []
  readonly changed: string[] = []
  deliveries: Delivery[] = [aDelivery()]
  tokens = new Set<string>()
  courier = COURIER
  /** Whose a token is; of a code that is not named here it is `courier`. */
  readonly owners = new Map<string, { courier: typeof COURIER; device: string }>()
  readonly codes = new Map<string, typeof COURIER>()
  /** Of who is not named here the day has `deliveries`. */
  readonly days = new Map<string, Delivery[]>()
  reachable = true
  /** The next so many answers are lost on their way back, after the effect. */
  losing = 0
  /** Answers instead of the usual one; undefined lets the request through. */
  meddle: Meddling = () => undefined
  rejects: (event: WireEvent) => boolean = () => false
  readonly logins = new Map<string, string>()

  readonly net: Net = {
    call: async (method, path, request = {}) => {
      this.calls.push(`${method} ${path.split('?')[0]}`)
      if (!this.reachable) throw new EngineError('no_connection')
      const own = this.meddle(method, path, request)
      const answer = own ? answerOf(own.status ?? 200, own.body, own) : this.answer(method, path, request)
      if (path !== '/courier/ping' && this.losing > 0) {
        this.losing -= 1
        throw new EngineError('no_connection')
      }
      return answer
    },
  }

  private answer(method: string, path: string, request: Request): Answer {
    if (path === '/courier/ping') return answerOf(200, { server_time: new Date().toISOString() })
    if (path === '/courier/login') return this.login(request)
    if (!request.token || !this.tokens.has(request.token)) return answerOf(401, { code: 'token_unknown' })
    if (path === '/courier/events') return this.take(request.body as { device: string; events: WireEvent[] })
    if (path.startsWith('/courier/day')) return this.day(path, request)
    if (method === 'PUT') return this.photo(path, request)
    return answerOf(404, { code: 'not_found' })
  }

  /** The phone has one token: a login with the same device ends the one before. */
  private login({ body, headers }: Request): Answer {
    const { code, device } = body as { code: string; device: string }
    const key = headers?.['idempotency-key'] ?? ''
    const used = this.logins.get(code)
    if (code.startsWith('WRONG') || (used !== undefined && used !== key)) return answerOf(401, { code: 'login_code_wrong' })
    this.logins.set(code, key)
    const [token, courier] = [`token-${this.owners.size + 1}`, this.codes.get(code) ?? this.courier]
    for (const [old, owner] of this.owners) if (owner.device === device && owner.courier === courier) this.tokens.delete(old)
    this.tokens.add(token)
    this.owners.set(token, { courier, device })
    return answerOf(200, { token, expires_at: null, courier, entry: 'code' })
  }

  private take({ device, events }: { device: string; events: WireEvent[] }): Answer {
    this.batches.push(events)
    const results = events.map((event) => this.takeOne(device, event))
    return answerOf(200, { server_time: new Date().toISOString(), results, missing: this.missing(device), device })
  }

  private takeOne(device: string, event: WireEvent): { id: string; status: string; code?: string; message?: string } {
    const known = this.events.get(event.id)
    if (known) {
      if (JSON.stringify(known.event) !== JSON.stringify(event)) this.changed.push(event.id)
      return { id: event.id, status: known.status === 'rejected' ? 'rejected' : 'duplicate' }
    }
    if (event.seq > this.wholeTo(device) + 1 && event.payload.orderly) return { id: event.id, status: 'retry_later', code: 'waits_for_earlier' }
    const status = this.rejects(event) ? 'rejected' : 'accepted'
    this.events.set(event.id, { device, event, status })
    return status === 'accepted' ? { id: event.id, status } : { id: event.id, status, code: 'stage_jump', message: 'Так нельзя.' }
  }

  /** Of one device, or of all. */
  seqs(device?: string): number[] {
    const own = [...this.events.values()].filter((one) => device === undefined || one.device === device)
    return own.map(({ event }) => event.seq).sort((a, b) => a - b)
  }

  wholeTo(device: string): number {
    const seqs = new Set(this.seqs(device))
    let whole = 0
    while (seqs.has(whole + 1)) whole += 1
    return whole
  }

  missing(device: string): number[] {
    const seqs = new Set(this.seqs(device))
    const last = Math.max(0, ...seqs)
    return Array.from({ length: last }, (_, index) => index + 1).filter((seq) => !seqs.has(seq))
  }

  private day(path: string, { headers, token }: Request): Answer {
    const name = decodeURIComponent(path.split('device=')[1] ?? '')
    const device = { whole_to: this.wholeTo(name), last_seq: Math.max(0, ...this.seqs(name)), missing: this.missing(name) }
    const courier = this.owners.get(token ?? '')?.courier ?? this.courier
    const day = aDay({ deliveries: this.days.get(courier.ref) ?? this.deliveries, device, courier: { ...courier, phone: '', division: 'v1' } })
    const etag = `"${createHash('sha256').update(JSON.stringify(day)).digest('hex')}"`
    if (headers?.['if-none-match'] === etag) return answerOf(304, null, { etag })
    return answerOf(200, day, { etag })
  }

  private photo(path: string, { jpeg }: Request): Answer {
    const sha256 = path.split('/').pop() ?? ''
    const known = this.photos.has(sha256)
    const right = jpeg && createHash('sha256').update(new Uint8Array(jpeg)).digest('hex') === sha256
    if (!right) return answerOf(422, { code: 'photo_mismatch', detail: 'Снимок повреждён.' })
    this.photos.set(sha256, jpeg)
    return answerOf(known ? 200 : 201, { sha256 })
  }
}

const answerOf = (status: number, body: unknown, over: Partial<Answer> = {}): Answer => ({
  status, body: body ?? null, etag: over.etag ?? null, retryAfterMs: over.retryAfterMs ?? null,
})

/** One phone: its database survives `killed()`, nothing else does. */
export class Phone {
  now = Date.parse('2026-11-22T07:00:00Z')
  core: Core
  state: Partial<SenderState> = {}
  sentTimes = 0
  sender

  constructor(
    readonly server = new Server(),
    readonly name = `test-${++names}`,
  ) {
    this.core = { db: new Database(name), net: server.net, now: () => this.now, mono: () => 1000, version: '0.1.0' }
    this.sender = this.aSender()
  }

  private aSender() {
    return createSender(this.core, (state) => Object.assign(this.state, state), () => (this.sentTimes += 1))
  }

  get db(): Database {
    return this.core.db
  }

  /** The page is gone in the middle of whatever it did; the next start opens the same database. */
  killed(): this {
    this.core.db.close()
    this.core = { ...this.core, db: new Database(this.name) }
    this.sender = this.aSender()
    return this
  }

  /** Another tab of the same browser. */
  tab(): Phone {
    const other = new Phone(this.server, this.name)
    other.now = this.now
    return other
  }

  async in(code = 'ABCD2345'): Promise<this> {
    await signIn(this.core, code)
    return this
  }

  later(ms: number): this {
    this.now += ms
    return this
  }

  rows(): Promise<QueueRow[]> {
    return this.db.queue.toCollection().sortBy('order')
  }
}

export const aPhone = (server = new Server()): Promise<Phone> => new Phone(server).in()

export const aStep = (over: Partial<NewStep> = {}): NewStep => ({ type: 'delivery.pick_up', delivery: 'd1', payload: {}, geo: null, ...over })

/** A picture that the camera took: any bytes. */
export const aPicture = (text: string): ArrayBuffer => new Uint8Array(Buffer.from(text)).buffer

/** mulberry32: chance that can be repeated from its seed. */
export function chanceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
