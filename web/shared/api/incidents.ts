import { call } from './client'
import type { Named } from './types'

export type Severity = 'notice' | 'warning' | 'alarm'
export type Decision = 'accepted' | 'corrected' | 'rejected' | 'explained' | 'settled' | 'written_off' | 'found' | 'recreated' | 'left'
export type IncidentState = 'open' | 'decided'

export interface Incident {
  id: string
  kind: string
  title: string
  severity: Severity
  state: IncidentState
  what: string
  why: string
  suggestion: string
  order_number: string | null
  order_ref: string | null
  delivery_id: string | null
  courier: Named | null
  division: Named | null
  raised_at: string
  last_at: string
  times: number
  /** What was found later, newest first. */
  news: { at: string; what: string }[]
  /** Decisions that also post a correction. */
  moves?: Decision[]
  /** Many of this kind may be decided at once. */
  together?: boolean
  decision: Decision | null
  decided_by: string | null
  decided_at: string | null
  reason: string | null
}

export interface Incidents {
  incidents: Incident[]
  /** How many wait for a decision, whatever was asked for. */
  open: number
  kinds?: { kind: string; title: string; open: number }[]
  divisions?: { ref: string; name: string }[]
}

/** One event of a decision: what it posted, and where its messages are. */
export interface Caused {
  id: string
  type: string
  title: string
  order_number: string | null
  money: { sum: string; from: string; to: string }[]
  goods: { quantity: string; name: string; from: string; to: string }[]
  messages: { destination: string; title: string; state: 'waits' | 'done'; text: string }[]
}
export interface WholeIncident extends Incident { effect: Caused[] }

export interface IncidentFilter {
  state?: IncidentState | 'all'
  delivery?: string
  courier?: string
  division?: string
  kind?: string
  severity?: string
  since?: string
  until?: string
  q?: string
  limit?: number
}

export interface StepPhoto {
  sha256: string
  arrived: boolean
  /** Links that are good for some minutes; absent while the picture has not arrived. */
  small?: string
  full?: string
}

export interface DeliveryStep {
  /** Null for a step that the office took. */
  event_id: string | null
  action: string
  title: string
  state: 'accepted' | 'rejected' | 'parked'
  courier: Named | null
  at_device: string | null
  occurred_at: string
  received_at: string
  distance_m: number | null
  accuracy_m: number | null
  geo_error: string | null
  photos: StepPhoto[]
  flags: { kind: string; what: string; why: string }[]
  code: string
  message: string
}

export const incidents = (filter: IncidentFilter, signal?: AbortSignal): Promise<Incidents> =>
  call('GET', '/api/v1/board/incidents', { query: { ...filter }, signal })

export const decide = (id: string, decision: Decision, reason: string, key: string): Promise<Incident> =>
  call('POST', `/api/v1/board/incidents/${encodeURIComponent(id)}/decide`, { body: { decision, reason }, key })

export const incident = (id: string, signal?: AbortSignal): Promise<WholeIncident> =>
  call('GET', `/api/v1/board/incidents/${encodeURIComponent(id)}`, { signal })

/** What a decision would post and send; nothing is done. */
export const incidentEffect = (id: string, decision: Decision, signal?: AbortSignal): Promise<{ effect: Caused[] }> =>
  call('GET', `/api/v1/board/incidents/${encodeURIComponent(id)}/effect`, { query: { decision }, signal })

/** The same decision on many doubts of one kind. before: ids that somebody had decided already. */
export const decideMany = (ids: readonly string[], decision: Decision, reason: string, key: string): Promise<{ decided: number; before: string[] }> =>
  call('POST', '/api/v1/board/incidents/decide', { body: { ids, decision, reason }, key })

export const deliverySteps = (id: string, signal?: AbortSignal): Promise<{ steps: DeliveryStep[] }> =>
  call('GET', `/api/v1/board/deliveries/${encodeURIComponent(id)}/steps`, { signal })
