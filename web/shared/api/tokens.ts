/** Keys to the doors: of bases, phones, feeds and administrators. */

import { call } from './client'

export const KINDS = ['base', 'device', 'feed', 'person'] as const
export type Kind = (typeof KINDS)[number]

export interface Token {
  id: string
  kind: Kind
  owner: string
  owner_name: string | null
  name: string
  made_at: string
  last_used_at: string | null
  expires_at: string | null
  ended: boolean
  ended_at: string | null
  agent: string | null
  /** This page is opened with it. */
  mine: boolean
}

export interface Owner { ref: string; name: string | null }
export interface Tokens { tokens: readonly Token[]; bases: readonly Owner[]; couriers: readonly Owner[] }
/** token null: a repeated answer; what was made before is shown only once. */
export interface MadeToken { id: string; kind: Kind; owner: string; token: string | null }

const AT = '/api/v1/admin/tokens'

export const tokens = (query: { kind?: string; ended?: string }, signal?: AbortSignal): Promise<Tokens> => call('GET', AT, { query, signal })
export const makeToken = (body: { kind: Kind; owner: string; name: string }, key: string): Promise<MadeToken> => call('POST', AT, { body, key })
export const revokeToken = (id: string, key: string): Promise<{ revoked: boolean }> => call('POST', `${AT}/${encodeURIComponent(id)}/revoke`, { body: {}, key })
