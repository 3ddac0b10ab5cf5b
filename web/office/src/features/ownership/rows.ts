/** What of the table is shown, and what a choice of owners means. */

import type { OwnedField, OwnedKind, OwnerTitle, Ownership } from '@shared/api/ownership'
import { folded } from '@shared/kit/search'

export interface Asked { q?: string; kind?: string; changed?: string; refused?: string }

/** Kinds with the fields that fit; a kind without one is left out. */
export function found(kinds: readonly OwnedKind[], asked: Asked): OwnedKind[] {
  const q = folded(asked.q ?? '')
  const fits = (kind: OwnedKind, one: OwnedField): boolean =>
    (!asked.changed || !one.default) && (!asked.refused || one.refused_7d > 0) &&
    folded(`${kind.kind}.${one.field} ${kind.title} ${one.title}`).includes(q)
  return kinds
    .filter((kind) => !asked.kind || kind.kind === asked.kind)
    .map((kind) => ({ ...kind, fields: kind.fields.filter((one) => fits(kind, one)) }))
    .filter((kind) => kind.fields.length > 0)
}

/** Fields that have a row of their own. */
export const ownRows = (kind: OwnedKind): number => kind.fields.filter((one) => !one.default && !one.inherited).length
export const refusals = (kind: OwnedKind): number => kind.fields.reduce((sum, one) => sum + one.refused_7d, 0)

/** An owner that is gone (a base of another name) is told by its name. */
export const titleOf = (owners: readonly OwnerTitle[], owner: string): string =>
  owners.find((one) => one.owner === owner)?.title ?? owner.replace(/^base:/, '')
export const titles = (table: Ownership, owners: readonly string[]): string => owners.map((one) => titleOf(table.owners, one)).join(', ')

/** Whether every base of 1C may write it. */
export const isOneC = (owners: readonly string[]): boolean => owners.includes('1c')
