/** What was asked, a line each: names instead of refs, words instead of keys. */

import type { Names } from '@shared/api/people'

import { words } from './acts'

const HASH = /^[0-9a-f]{64}$/

export interface Line { name: string; value: string }

export function asked(data: Readonly<Record<string, unknown>>, names: Names): Line[] {
  return Object.entries(data).map(([name, value]) => ({ name: words.fields[name] ?? name, value: valueOf(name, value, names) }))
}

const CODE = /^[a-z][a-z0-9_]*$/

/** Why, as the person said it; a division's own code of a reason is left to the details. */
export function whyOf(data: Readonly<Record<string, unknown>>): string {
  const said = [data.reason, data.text, data.comment].filter((one): one is string => typeof one === 'string' && one !== '')
  return said.map((one) => words.reasons[one] ?? (CODE.test(one) && one === data.reason ? '' : one)).filter(Boolean).join('. ')
}

function valueOf(name: string, value: unknown, names: Names): string {
  const said = { action: words.steps, decision: words.decisions, mode: words.modes, reason: words.reasons }[name]
  return (typeof value === 'string' && said?.[value]) || shown(value, names)
}

function shown(value: unknown, names: Names): string {
  if (value === null || value === '') return '—'
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (Array.isArray(value)) return value.map((one) => shown(one, names)).join(', ') || '—'
  if (typeof value === 'object') return asked(value as Record<string, unknown>, names).map((one) => `${one.name}: ${one.value}`).join('; ') || '—'
  const text = String(value as string | number)
  return names[text.toLowerCase()]?.title ?? (HASH.test(text) ? words.photo(text.slice(0, 8)) : text)
}
