/** What the engine and the screens share. Texts as the API gives them: money "2450.00", quantities "1.5", times ISO. */

export type Proof = 'photo' | 'position' | 'amount' | 'items' | 'code'
export type Level = 'required' | 'warn' | 'optional' | 'off'
export type StepName = 'pick_up' | 'depart' | 'hand_over' | 'not_deliver' | 'retry' | 'give_back' | 'customer_return'
export type EventType =
  | `delivery.${StepName}`
  | 'shift.open'
  | 'shift.close'
  | 'sale.make'
  | 'backpack.accept'
  | 'backpack.count'
  | 'cash.hand_in_request'
  | 'correction'

export type Stage =
  | 'ready'
  | 'picked_up'
  | 'en_route'
  | 'handed_over'
  | 'settled'
  | 'not_delivered'
  | 'returned'
  | 'cancelled'

export interface Reason {
  code: string
  title: { ru: string; en: string }
}

/** Steps and proofs that are not named are `off`. */
export type ProofRules = Partial<Record<StepName, Partial<Record<Proof, Level>>>>

export interface Rules {
  name: string
  phone: string
  time_zone: string
  radius_m: number
  cash_ceiling: string | null
  proofs: ProofRules
  reasons: Reason[]
  /** Units of one product that a sale may go below zero; absent = none. */
  oversale?: string
  /** The customer of a sale gets a receipt. */
  sale_receipt?: boolean
}

export interface Address {
  text: string
  entrance?: string
  floor?: string
  flat?: string
  intercom?: string
  latitude?: number
  longitude?: number
}

export interface Line {
  line: string
  product: string
  characteristic: string | null
  name: string
  unit: string
  by_weight: boolean
  quantity: string
  price: string
  sum: string
  picked: string
  accepted: string
  refused: string
  carried: string
  returned: string
}

export interface Times {
  ready_at: string | null
  picked_up_at: string | null
  departed_at: string | null
  handed_over_at: string | null
  settled_at: string | null
}

export interface Delivery {
  id: string
  version: number
  division: string
  stage: Stage
  /** false: not his now, but he holds the goods. */
  mine: boolean
  trial: boolean
  order: { ref: string; number: string; site_number: string | null }
  recipient: { name: string; phone: string }
  address: Address
  window: { from: string; to: string } | null
  comment: string | null
  lines: Line[]
  goods: string
  delivery_price: string
  prepaid: string
  amount_due: string
  amount_due_by_hand: boolean
  payment_method: string | null
  receipt: boolean
  amount_taken: string | null
  reference: string | null
  reason: string | null
  reason_comment: string | null
  next_date: string | null
  retries: number
  goods_out: boolean
  claimed_back: boolean
  times: Times
  photos: { sha256: string; action: string; at: string }[]
}

/** Members that may be absent are those of a service that knows no trade yet. */
export interface BackpackLine {
  product: string
  characteristic: string | null
  name: string
  unit: string
  by_weight: boolean
  /** By the ledger, with what is loaded and not accepted yet; below zero after a late fact ("-1"). */
  quantity: string
  price: string | null
  pending?: string
  barcodes?: string[]
  code?: string | null
  article?: string | null
  /** How often it was sold in 30 days. */
  sold?: number
}

/** Goods that the warehouse put into the backpack and he has not counted yet. */
export interface Load {
  id: string
  document: string | null
  at: string
  lines: { product: string; characteristic: string | null; name: string; unit: string; quantity: string }[]
}

export interface SaleLine {
  product: string
  characteristic: string | null
  name: string
  quantity: string
  price: string
  sum: string
}

export interface Sale {
  /** Of the event that made it. */
  id: string
  at: string
  lines: SaleLine[]
  sum: string
  payment_method: string
  reference: string | null
  receipt: boolean
  receipt_url: string | null
  delivery: string | null
  corrected: boolean
}

export type CashKind = 'change' | 'delivery' | 'sale' | 'hand_in' | 'refund' | 'correction' | 'difference'

export interface CashLine {
  id: string
  at: string
  kind: CashKind
  /** Signed: what it did to the cash on him. */
  sum: string
  order_number: string | null
  receiver: string | null
}

export interface Cash {
  change: string
  collected: string
  to_hand_in: string
  sold?: string
  handed_in?: string
  refunded?: string
  ceiling?: string | null
  ceiling_state?: 'none' | 'near' | 'reached'
  /** Today's, newest first. */
  lines?: CashLine[]
  /** For the cashier, while a hand-in is asked for. */
  hand_in_code?: string | null
}

export interface Shift {
  id: string
  opened_at: string
  change: string
}

export interface Day {
  server_time: string
  day: string
  time_zone: string
  rules_version: string
  courier: { ref: string; name: string; phone: string; division: string }
  rules: Record<string, Rules>
  deliveries: Delivery[]
  backpack: BackpackLine[]
  backpack_version?: number
  backpack_loads?: Load[]
  cash: Cash
  /** Today's, newest first. */
  sales?: Sale[]
  shift: Shift | null
  device: { whole_to: number; last_seq: number; missing: number[] } | null
}

export interface Geo {
  latitude: number
  longitude: number
  accuracy_m: number
}
export type GeoError = 'denied' | 'unavailable' | 'timeout' | 'not_supported'

export type QueueState = 'held' | 'waiting' | 'sending' | 'parked' | 'accepted' | 'rejected'

export interface QueueItem {
  id: string
  /** 0 until the hold is over: only then is the number given. */
  seq: number
  type: EventType
  delivery: string | null
  order_number: string | null
  at_device: string
  payload: Record<string, unknown>
  photos: string[]
  state: QueueState
  tries: number
  /** Of the event's answer, else of a photo that the server refused. */
  code: string | null
  message: string | null
  photos_left: number
  /** Until when (ms of Date.now) it can be undone. */
  held_until: number | null
}

/** The snapshot with own steps that it does not contain yet applied. */
export interface ShownDelivery extends Delivery {
  pending: QueueItem[]
  attention: QueueItem[]
  photos_on_the_way: number
}

export interface Photo {
  sha256: string
  bytes: number
  width: number
  height: number
  taken_at: string
  /** Object URL of the thumbnail; the screen revokes it. */
  url: string
}

export interface NewStep {
  type: EventType
  delivery?: string
  payload: Record<string, unknown>
  photos?: string[]
  geo: Geo | GeoError | null
  /** Version of the delivery (of the backpack) that the courier saw; the snapshot's if absent. */
  version?: number
}

export type DraftStep = StepName | 'shift' | 'correction' | 'sale' | 'accept' | 'hand_in'

export interface Diagnosis {
  version: string
  camera: string
  position: string
  storage: { persisted: boolean; used: number; quota: number }
  worker: string
  clock_offset_ms: number | null
  device: string
}
