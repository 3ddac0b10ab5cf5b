import { call } from './client'

/** subject: which of several. since: null = not known. */
export interface Alarm { code: string; subject: string; level: 'red' | 'amber'; since: string | null; title: string; text: string; todo: string }
export type Standing = 'works' | 'unused' | 'away' | 'stopped' | 'overload' | 'paused' | 'disabled'
/** way: by what calls are made. user: who acts. days_left: until the tokens end unless they are renewed. */
export interface Access {
  way: 'application' | 'webhook' | 'none'
  user: number | null
  user_name: string | null
  application: boolean
  state: '' | 'installed' | 'broken' | 'uninstalled' | 'unreadable'
  why: string
  scope: string[]
  installed_at: string | null
  renewed_at: string | null
  days_left: number | null
}
/** rate: calls a second that are allowed now, less than configured after a refusal (slowed_at). free: at once. */
export interface CallLimits { rate: number; configured: number; burst: number; free: number; refused: number; slowed_at: string | null }
export interface Queued { method: string; waiting: number; dead: number; doubt: number; oldest_s: number | null }
/** operating_s: of limit_s in ten minutes. rests_s: how long it is left alone. code: of the last answer, '' = a yes. */
export interface Method {
  method: string
  calls: number
  refused: number
  operating_s: number | null
  limit_s: number | null
  learned: boolean
  reset_at: string | null
  rests_s: number
  why: string
  code: string
  at: string
}
export interface Events { count: number; last_at: string | null; forged: number; last_forged_at: string | null }
export interface Watch { polled_at: string | null; failed_since: string | null; failure: string; compared_at: string | null; swept_at: string | null }
/** kept: the task that is written. */
export interface Duplicate { delivery: string; order_number: string; order_ref: string | null; tasks: number[]; kept: number | null; found_at: string }
export type LineState = 'ok' | 'warn' | 'wrong' | 'skip' | 'done'
export interface CheckLine { key: string; state: LineState; title: string; text: string }
export interface Check { at: string; by: string; lines: CheckLine[] }
export interface Portal {
  url: string
  standing: Standing
  why: string
  stopped_at: string | null
  ok_at: string | null
  access: Access
  limits: CallLimits | null
  queue: Queued[]
  methods: Method[]
  events: Events
  watch: Watch
  duplicates: Duplicate[]
  check: Check | null
}

const ADMIN = '/api/v1/admin'

export const alarms = (signal?: AbortSignal): Promise<{ alarms: Alarm[] }> => call('GET', `${ADMIN}/alarms`, { signal })

/** portal: null = there is none. */
export const portal = (signal?: AbortSignal): Promise<{ portal: Portal | null }> => call('GET', `${ADMIN}/portal`, { signal })

export const checkPortal = (key: string): Promise<Check> => call('POST', `${ADMIN}/portal/check`, { key })
