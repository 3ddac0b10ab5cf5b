/** Settings of divisions, and who of 1C is who in Bitrix24. */

import { call } from './client'

export const KEYS = ['radius_m', 'cash_ceiling', 'oversale', 'sale_receipt', 'phone', 'time_zone', 'bitrix24_group', 'reasons', 'proofs'] as const
export type Key = (typeof KEYS)[number]

export type Level = 'required' | 'warn' | 'optional' | 'off'
export type Levels = Readonly<Record<string, Readonly<Record<string, string>>>>
export interface OwnReason { readonly code: string; readonly ru: string; readonly en: string }
export type Reason = string | OwnReason

export interface Setting {
  value: unknown
  source: 'file' | 'page'
  who: string | null
  at: string | null
  file: unknown
}

export interface Change {
  version: number
  at: string
  who: string
  kind: string
  reason: string
  changes: Readonly<Record<string, { before: unknown; after: unknown }>>
}

export interface DivisionBrief { ref: string; name: string | null; version: number; mode: string; changed: readonly string[] }
export interface DivisionSettings extends DivisionBrief {
  settings: Readonly<Record<Key, Setting>>
  history: readonly Change[]
}

/** Key → value; null = back to what the file says. */
export type Draft = Readonly<Partial<Record<Key, unknown>>>

/** What a courier's phone is told. */
export interface PhoneRules {
  name: string
  phone: string
  time_zone: string
  radius_m: number
  cash_ceiling: string | null
  oversale: string
  sale_receipt: boolean
  proofs: Levels
  reasons: readonly { code: string; title: { ru: string; en: string } }[]
}

export interface Look {
  wrong: Readonly<Partial<Record<string, string>>>
  now: PhoneRules
  then: PhoneRules | null
  /** The company's, which hold where the division names none. */
  proofs: Levels
  reasons: readonly OwnReason[]
  default_group: boolean
}

const ADMIN = '/api/v1/admin'
const of = (ref: string): string => `${ADMIN}/divisions/${encodeURIComponent(ref)}`

export const divisions = (signal?: AbortSignal): Promise<{ divisions: readonly DivisionBrief[] }> => call('GET', `${ADMIN}/divisions`, { signal })
export const division = (ref: string, signal?: AbortSignal): Promise<DivisionSettings> => call('GET', of(ref), { signal })
export const look = (ref: string, changes: Draft, signal?: AbortSignal): Promise<Look> => call('POST', `${of(ref)}/look`, { body: { changes }, signal })
export const changeDivision = (ref: string, body: { changes: Draft; reason: string; version: number }, key: string): Promise<DivisionSettings> =>
  call('PATCH', of(ref), { body, key })

export type Wrong =
  | 'no_user' | 'bad_user' | 'user_of_several' | 'no_warehouse' | 'several_warehouses'
  | 'user_unknown' | 'user_inactive' | 'user_never_came' | 'user_twin'
  | 'no_group' | 'group_unknown' | 'group_closed'

/** Who somebody is on the portal by all signs. */
export interface SuggestedUser { readonly user: string; readonly name: string; readonly by: 'id' | 'email' | 'phone' }

export interface CourierMapping {
  ref: string
  name: string | null
  active: boolean
  division: { ref: string; name: string | null }
  /** By 1C. */
  said: string
  /** That holds. */
  user: string
  /** Of that user on the portal; null: not known. */
  user_name: string | null
  source: '1c' | 'page'
  version: number
  who: string | null
  at: string | null
  reason: string | null
  warehouses: readonly string[]
  wrong: readonly Wrong[]
  suggestion: SuggestedUser | null
}

export interface DivisionMapping {
  ref: string
  name: string | null
  group: number | null
  /** Name of that project on the portal; null: not known. */
  project: string | null
  source: 'file' | 'page'
  who: string | null
  at: string | null
  version: number
  wrong: readonly Wrong[]
}

/** Somebody of the office. */
export interface PersonMapping {
  id: string
  login: string
  name: string
  user: string
  user_name: string | null
  version: number
  wrong: readonly Wrong[]
  suggestion: SuggestedUser | null
}

export interface PortalProject { readonly id: number; readonly name: string; readonly closed: boolean }
/** How users and projects of the portal were read. why: of the last try, '' = it was good. */
export interface PortalReading { read_at: string | null; users: number; projects: number; why: string }

export interface Mappings {
  couriers: readonly CourierMapping[]
  divisions: readonly DivisionMapping[]
  default_group: boolean
  /** null: who asks may not manage people. */
  people: readonly PersonMapping[] | null
  projects: readonly PortalProject[]
  portal: boolean
  reading: PortalReading
}

export const mappings = (signal?: AbortSignal): Promise<Mappings> => call('GET', `${ADMIN}/mappings`, { signal })
export const mapCourier = (ref: string, body: { bitrix24_user: string | null; reason: string; version: number }, key: string): Promise<CourierMapping> =>
  call('PUT', `${ADMIN}/mappings/couriers/${encodeURIComponent(ref)}`, { body, key })
export const readPortalPeople = (key: string): Promise<PortalReading> => call('POST', `${ADMIN}/mappings/refresh`, { body: {}, key })
