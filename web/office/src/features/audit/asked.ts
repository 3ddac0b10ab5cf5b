/** What was asked, on one line: `roles: head, cashier · active: no`. */

export function asked(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data).map(([name, value]) => `${name}: ${shown(value)}`).join(' · ')
}

function shown(value: unknown): string {
  if (value === null) return '—'
  if (Array.isArray(value)) return value.map(shown).join(', ') || '—'
  if (typeof value === 'object') return `(${asked(value as Record<string, unknown>)})`
  return String(value as string | number | boolean)
}
