/** Those who are told of deliveries by signed webhooks. */

import { call } from './client'

export interface Subscription {
  id: string
  url: string
  events: readonly string[]
  division: string | null
  division_name: string | null
  state: 'open' | 'paused' | 'disabled'
  why: string
  made_at: string
  destination: string
  waiting: number
  dead: number
  oldest_s: number | null
  breaker: string
  last_error: string | null
  last_error_at: string | null
  done_last_hour: number
  /** The secret before a rotation signs beside the new one until then. */
  old_secret_until: string | null
}

export interface EventKind { type: string; title: string; about: string }
export interface Subscriptions {
  subscriptions: readonly Subscription[]
  events: readonly EventKind[]
  divisions: readonly { ref: string; name: string | null }[]
  rotation_hours: number
}
export interface SubscriptionFields { url: string; events: readonly string[]; division: string }
export interface Secret { id: string; secret: string }

const AT = '/api/v1/subscriptions'
const of = (id: string): string => `${AT}/${encodeURIComponent(id)}`

export const subscriptions = (signal?: AbortSignal): Promise<Subscriptions> => call('GET', '/api/v1/admin/subscriptions', { signal })
export const subscribe = (body: SubscriptionFields, key: string): Promise<Secret> => call('POST', AT, { body: { ...body, division: body.division || null }, key })
export const changeSubscription = (id: string, body: Partial<SubscriptionFields> & { state?: 'open' | 'paused' }, key: string): Promise<unknown> =>
  call('PATCH', of(id), { body, key })
export const rotateSecret = (id: string, key: string): Promise<Secret> => call('POST', `${of(id)}/rotate`, { body: {}, key })
export const testSubscription = (id: string, key: string): Promise<unknown> => call('POST', `${of(id)}/test`, { body: {}, key })
export const removeSubscription = (id: string, key: string): Promise<unknown> => call('DELETE', of(id), { key })
