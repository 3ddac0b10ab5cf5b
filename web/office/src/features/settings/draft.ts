/** What is changed on the page but not saved, and how values are told in words. Pure. */

import { KEYS, type Change, type DivisionSettings, type Draft, type Key, type Levels, type OwnReason, type Reason } from '@shared/api/settings'

import { t } from './words'

export const STEPS = ['pick_up', 'depart', 'hand_over', 'not_deliver', 'give_back', 'customer_return'] as const
export const PROOFS = ['photo', 'position', 'amount', 'items', 'code'] as const
export const LEVELS = ['required', 'warn', 'optional', 'off'] as const

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The value on the page: what is being changed, else what holds. */
export function valueOf(known: DivisionSettings, draft: Draft, key: Key): unknown {
  if (!(key in draft)) return known.settings[key].value
  return draft[key] ?? known.settings[key].file
}

export function changed(known: DivisionSettings, draft: Draft, key: Key, value: unknown): Draft {
  const { [key]: _, ...rest } = draft
  return same(value, known.settings[key].value) ? rest : { ...rest, [key]: value }
}

/** Back to the file; a change that was not saved is forgotten alone where nothing else was changed. */
export function undone(known: DivisionSettings, draft: Draft, key: Key): Draft {
  const { [key]: _, ...rest } = draft
  return known.settings[key].source === 'page' ? { ...rest, [key]: null } : rest
}

/** What is left to be saved of `draft` after `sent` was, and led to `known`: what was typed while it was on its way. */
export function leftOf(known: DivisionSettings, sent: Draft, draft: Draft): Draft {
  const typed = changedKeys(draft).filter((key) => !(key in sent && same(sent[key], draft[key])))
  return typed.reduce<Draft>((rest, key) => (draft[key] === null ? undone(known, rest, key) : changed(known, rest, key, draft[key])), {})
}

/** Whether there is something that could go back to the file. */
export const differs = (known: DivisionSettings, draft: Draft, key: Key): boolean =>
  key in draft ? draft[key] !== null : known.settings[key].source === 'page'

export const levelOf = (levels: Levels, step: string, proof: string): string => levels[step]?.[proof] ?? ''

/** level '': the company's rule again. Steps that name nothing are left out. */
export function withLevel(levels: Levels, step: string, proof: string, level: string): Levels {
  const { [proof]: _, ...others } = levels[step] ?? {}
  const named = level ? { ...others, [proof]: level } : others
  const { [step]: __, ...rest } = levels
  return Object.keys(named).length ? { ...rest, [step]: named } : rest
}

export const codeOf = (reason: Reason): string => (typeof reason === 'string' ? reason : reason.code)

export function titleOf(reason: Reason, known: readonly OwnReason[], english: boolean): string {
  const found = typeof reason === 'string' ? known.find((one) => one.code === reason) : reason
  return found ? (english ? found.en : found.ru) : codeOf(reason)
}

export function moved<T>(list: readonly T[], at: number, by: -1 | 1): T[] {
  const to = [...list]
  const other = at + by
  if (other < 0 || other >= to.length) return to
  ;[to[at], to[other]] = [to[other]!, to[at]!]
  return to
}

/** A value in one line: for history, conflicts and «in the file». */
export function told(key: string, value: unknown, reasons: readonly OwnReason[] = [], english = false): string {
  if (value === null || value === undefined || value === '') return t.empty
  if (typeof value === 'boolean') return value ? t.yes : t.no
  if (key === 'reasons' && Array.isArray(value)) return value.map((one) => titleOf(one as Reason, reasons, english)).join(', ')
  if (key === 'proofs') return cellsOf(value as Levels).map(({ name, level }) => `${name} ${level}`).join('; ') || t.empty
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function cellsOf(levels: Levels): { id: string; name: string; level: string }[] {
  return Object.entries(levels).flatMap(([step, proofs]) => Object.entries(proofs).map(([proof, level]) => ({
    id: `${step}.${proof}`, name: `${t.step[step] ?? step}, ${(t.proof[proof] ?? proof).toLowerCase()}:`, level: t.level[level] ?? level,
  })))
}

export interface Line { name: string; before: string; after: string }

/** What a change was, line by line; of proofs only the cells that became others. */
export function linesOf(change: Change, reasons: readonly OwnReason[] = [], english = false): Line[] {
  return Object.entries(change.changes).flatMap(([key, { before, after }]) => {
    if (key === 'proofs') return proofLines((before ?? {}) as Levels, (after ?? {}) as Levels)
    return [{ name: t.name[key] ?? t.kinds[key] ?? key, before: told(key, before, reasons, english), after: told(key, after, reasons, english) }]
  })
}

function proofLines(before: Levels, after: Levels): Line[] {
  const [was, is] = [cellsOf(before), cellsOf(after)]
  const level = (cells: typeof was, id: string): string => cells.find((one) => one.id === id)?.level ?? t.empty
  const all = new Map([...was, ...is].map((one) => [one.id, one.name]))
  return [...all].map(([id, name]) => ({ name, before: level(was, id), after: level(is, id) })).filter((one) => one.before !== one.after)
}

/** Changes that somebody made after the page began with `version`, oldest first. */
export const since = (now: DivisionSettings, version: number): Change[] => now.history.filter((one) => one.version > version).reverse()

export const changedKeys = (draft: Draft): Key[] => KEYS.filter((key) => key in draft)
