/** Which system may change which field, and what others tried. */

import { call } from './client'

export interface OwnerTitle { owner: string; title: string }

export interface OwnedField {
  field: string
  title: string
  owners: readonly string[]
  default: boolean
  source: 'default' | 'file' | 'page'
  /** It is the row of the kind's other fields that says so. */
  inherited: boolean
  /** Without what a page said. */
  else_owners: readonly string[]
  who: string | null
  at: string | null
  reason: string | null
  /** A new object without it cannot be. */
  required: boolean
  refused_7d: number
  last_at: string | null
  last_by: string | null
}

export interface OwnedKind { kind: string; title: string; fields: readonly OwnedField[] }
export interface Ownership { version: number; owners: readonly OwnerTitle[]; kinds: readonly OwnedKind[] }

export interface OwnersChange {
  /** `kind.field` → owners; null = as without the page. */
  changes: Readonly<Record<string, readonly string[] | null>>
  reason: string
  version: number
}

const WAY = '/api/v1/admin/ownership'

export const ownership = (signal?: AbortSignal): Promise<Ownership> => call('GET', WAY, { signal })
export const changeOwners = (body: OwnersChange, key: string): Promise<Ownership> => call('PUT', WAY, { body, key })
