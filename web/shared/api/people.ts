/** People of the office, and what they did. */

import { call } from './client'
import type { Session } from './session'

export interface Person {
  id: string
  login: string
  name: string
  email: string
  /** His number on the portal: he comes in from there. */
  bitrix24_user: string | null
  roles: string[]
  /** Null = all of them. */
  divisions: string[] | null
  active: boolean
  totp: boolean
  has_password: boolean
  /** His password works once, and only until then. */
  one_time_until: string | null
  sessions: number
  last_at: string | null
  version: number
}

export interface People {
  people: Person[]
  roles: { role: string; rights: string[] }[]
  divisions: { ref: string; name: string }[]
}

export interface PersonFields { name: string; email: string; bitrix24_user: string | null; roles: string[]; divisions: string[] | null }
export interface OneTime { id: string; password: string; until: string }

export interface Act {
  id: number
  at: string
  who: string
  name: string
  /** The right that it took. */
  action: string
  operation: string
  subject: string
  division: { ref: string; name: string } | null
  outcome: string
  /** What the code of a refusal means. */
  outcome_text: string | null
  data: Record<string, unknown>
}
/** What a ref or an id of the acts is called. ref: what its page is opened by. */
export interface Named {
  kind: 'order' | 'courier' | 'division' | 'product' | 'base' | 'person' | 'token' | 'subscription' | 'destination'
  title: string
  ref: string
}
export type Names = Readonly<Record<string, Named>>
export interface Acts { acts: Act[]; next: number | null; people: { who: string; name: string }[]; names: Names }

const AT = '/api/v1/admin/people'
const of = (id: string): string => `${AT}/${encodeURIComponent(id)}`

export const people = (signal?: AbortSignal): Promise<People> => call('GET', AT, { signal })
export const addPerson = (body: PersonFields & { login: string }, key: string): Promise<OneTime> => call('POST', AT, { body, key })
export const changePerson = (id: string, body: Partial<PersonFields> & { version: number; active?: boolean }, key: string): Promise<Person> =>
  call('PATCH', of(id), { body, key })
export const resetPassword = (id: string, key: string): Promise<OneTime> => call('POST', `${of(id)}/password`, { body: {}, key })
export const unlockPerson = (id: string, key: string): Promise<unknown> => call('POST', `${of(id)}/unlock`, { body: {}, key })
export const resetTotp = (id: string, key: string): Promise<unknown> => call('POST', `${of(id)}/totp-off`, { body: {}, key })
export const sessionsOf = (id: string, signal?: AbortSignal): Promise<{ sessions: Session[] }> => call('GET', `${of(id)}/sessions`, { signal })
export const endSessionsOf = (id: string, key: string): Promise<unknown> => call('POST', `${of(id)}/sessions/end`, { body: {}, key })

export interface ActFilter { who?: string; action?: string; q?: string; said?: string; division?: string; since?: string; until?: string; before?: number | null; limit?: number }
export const audit = (filter: ActFilter, signal?: AbortSignal): Promise<Acts> => call('GET', '/api/v1/admin/audit', { query: { ...filter }, signal })
