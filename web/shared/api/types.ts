/** Shapes of the service's pages API, under its own names. Money is "2450.00", quantities "1.5", times ISO in UTC. */

export type Stage =
  | 'ready' | 'picked_up' | 'en_route' | 'handed_over' | 'settled'
  | 'not_delivered' | 'returned' | 'cancelled' | 'withdrawn'

export type Action =
  | 'pick_up' | 'depart' | 'hand_over' | 'not_deliver' | 'retry' | 'give_back' | 'settle' | 'cancel' | 'assign'
  | 'customer_return'

export type PaymentMethod = 'cash' | 'card' | 'transfer' | 'prepaid'
export type SystemKind = 'onec' | 'bitrix24' | 'site'

/** The name is absent while 1C has only mentioned the object. */
export interface Named {
  ref: string
  name: string | null
}

export interface Courier {
  ref: string
  name: string | null
  division: string | null
}

export interface Line {
  line: string
  name: string
  unit: string
  quantity: string
  price: string
  sum: string
  accepted: string | null
  refused: string | null
  carried: string | null
}

export interface Address {
  text?: string | null
  entrance?: string | null
  floor?: string | null
  flat?: string | null
  intercom?: string | null
}

export interface Delivery {
  id: string
  order_ref: string
  order_number: string
  site_number: string | null
  stage: Stage
  version: number
  courier: Named | null
  division: Named
  recipient: { name: string | null; phone: string | null }
  address: Address
  window: { from: string; to: string } | null
  time_zone: string
  comment: string | null
  lines: Line[]
  delivery_price: string
  prepaid: string
  amount_due: string
  amount_due_by_hand: boolean
  amount_taken: string | null
  payment_method: string | null
  /** A receipt is wanted; where it can be seen, an https address from the courier. */
  receipt?: boolean
  receipt_url?: string | null
  reason: string | null
  next_date: string | null
  /** What the courier says he brings back, until the warehouse has counted it. */
  claimed_back: { line: string; quantity: string }[] | null
  /** How many of its incidents are open. */
  incidents: number
  photos: number
  trial: boolean
  changed_at: string | null
  allowed: Action[]
}

/** One delivery as a column shows it; the rest by its own request. */
export interface BoardCard {
  id: string
  order_ref: string
  order_number: string
  site_number: string | null
  stage: Stage
  version: number
  courier: Named | null
  division: Named
  recipient: { name: string | null; phone: string | null }
  address: Address
  window: { from: string; to: string } | null
  time_zone: string
  planned_day: string
  /** Of an earlier day than today, and still open. */
  left_over: boolean
  /** When it came to its stage. */
  since: string | null
  amount_due: string
  amount_taken: string | null
  /** Cash that was taken and not handed in. */
  on_hand: string
  payment_method: string | null
  claimed_back: boolean
  incidents: number
  /** What a person must decide about it. */
  trouble: { kind: string; what: string } | null
  discrepant: boolean
  photos: number
  /** Whether the last step of a phone knew where it was; null = no such step. */
  place: boolean | null
  comments: number
  next_date: string | null
  trial: boolean
  changed_at: string
  allowed: Action[]
}

export interface MoneyLine {
  at: string
  title: string
  account: string
  /** Below zero: it went back to the customer. */
  sum: string
  courier: Named | null
}

export interface DeliveryComment {
  id: string
  at: string
  author: string
  text: string
}

/** The whole card, by its own request. */
export interface WholeDelivery extends Delivery {
  planned_day: string
  discrepant: boolean
  money: MoneyLine[]
  comments: DeliveryComment[]
  systems: SystemWay[]
}

export interface Board {
  cards: BoardCard[]
  /** From where its stream goes on. */
  cursor: string
  /** `after` of the next page. */
  next: string | null
  couriers: Courier[]
  divisions: (Named & { reasons?: string[] })[]
  reasons: { code: string; title: string }[]
}

export interface BoardFilter {
  q?: string
  courier?: string
  division?: string
  /** A date; without one all that is open, and what changed within a day. */
  day?: string
  only?: 'discrepancies' | ''
}

export interface ActionBody {
  action: Action
  version: number
  amount_taken?: string
  payment_method?: PaymentMethod
  reference?: string
  difference_reason?: string
  refund?: string
  lines?: { line: string; quantity: string }[]
  reason?: string
  comment?: string
  next_date?: string
  courier?: string
  /** SHA-256 of pictures that were put before. */
  photos?: string[]
  code?: string
}

export interface Contradiction {
  kind: string
  what: string
  why: string
  suggestion: string
}

export interface ActionResult {
  delivery: Delivery
  already: boolean
  contradictions: Contradiction[]
}

export interface FoundOrder {
  order_ref: string
  number: string
  site_number: string | null
  base: string | { id: string; name: string } | null
}

export type SystemState = 'done' | 'waiting' | 'trouble' | 'nothing'

export interface SystemWay {
  destination: string
  kind: SystemKind
  title: string
  state: SystemState
  text: string
  due_at: string | null
  waiting: number
  last_at: string | null
  remote_id: string | null
}

export interface Step {
  at: string
  kind: string
  system: string
  outcome: string
  title: string
  text: string
  attempt: number | null
  duration_ms: number | null
  code: string | null
  event_id: string | null
}

export interface WayOrder {
  ref: string
  number: string
  site_number: string | null
  base: { id: string; name: string }
  received_at: string | null
  message_number: number | null
  waiting_for: { kind: string; ref: string }[]
  quarantined: { code: string; message: string; at: string }[]
}

export interface Way {
  order: WayOrder
  delivery: Delivery | null
  systems: SystemWay[]
  steps: Step[]
}

export interface WayAnswer {
  found: FoundOrder[]
  way?: Way | null
}

export interface Destination {
  id: number | string
  name: string
  kind: SystemKind
  title: string
  state: 'open' | 'paused' | 'disabled'
  why: string
  breaker: 'closed' | 'open' | 'half_open'
  breaker_until: string | null
  breaker_why: string
  waiting: number
  dead: number
  oldest_s: number | null
  last_error: string | null
  last_error_at: string | null
  done_last_hour: number
}

export interface Base {
  id: string
  name: string
  epoch: string | null
  last_accepted: number | null
  gaps: [number, number][]
  waiting: number
  quarantined: number
}

export interface Worker {
  id: string
  host: string
  pid: number
  beat_age_s: number
  leases: number
}

export interface Exchange {
  destinations: Destination[]
  bases: Base[]
  workers: Worker[]
}

export interface Lane {
  lane_id: number
  destination: string
  key: string
  order_number: string | null
  depth: number
  state: string
  why: string
  why_text: string
  due_at: string | null
  attempt: number
  since: string | null
}

export interface DeadLetter {
  lane_id: number
  seq: number
  destination: string
  key: string
  order_number: string | null
  method: string
  dead_at: string
  code: string
  why: string
  attempt: number
}

export interface ReplayFilter {
  destination?: string | null
  code?: string | null
  since?: string | null
  lane_id?: number | null
  seq?: number | null
}

export interface ReplayResult {
  count: number
  replayed: number
  first: { destination: string; key: string; order_number: string | null }[]
}

export interface RouteRow {
  event: string
  /** Methods of what the portal gets of it. */
  messages: string[]
  bitrix24: boolean
  onec: boolean
  site: boolean
}
