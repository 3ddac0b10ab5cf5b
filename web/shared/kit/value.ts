/** One cell of a table or one figure of a tile by what it is, as reports and KPI name it. */

import { language } from './i18n'
import { formatMoney, kopecks } from './money'
import { formatQuantity, signedThousandths } from './quantity'
import { formatAge, formatDay } from './time'

/** money, quantity: text of the API ("2450.00", "1.5"). share: 0…1. seconds: how long. date: 2026-11-23. */
export type Kind = 'text' | 'date' | 'count' | 'money' | 'quantity' | 'share' | 'seconds'
export type Value = string | number | null | undefined

export const isNumeric = (kind: Kind): boolean => kind !== 'text' && kind !== 'date'

const THIN = '\u202f'
const grouped = (n: number): string => String(Math.trunc(Math.abs(n))).replace(/\B(?=(\d{3})+$)/g, THIN)
const comma = (text: string): string => (language.value === 'ru' ? text.replace('.', ',') : text)

export const formatCount = (n: number): string => (n < 0 ? '−' : '') + grouped(n)

/** «97,5 %»: one digit after the comma unless it is zero. */
export function formatShare(share: number): string {
  const tenths = Math.round(share * 1000) / 10
  return `${comma(String(tenths))}${THIN}%`
}

/** A dash where there is nothing to show. */
export function formatValue(value: Value, kind: Kind): string {
  if (value === null || value === undefined || value === '') return '—'
  switch (kind) {
    case 'money': return formatMoney(kopecks(String(value)))
    case 'quantity': return formatQuantity(signedThousandths(String(value)))
    case 'count': return formatCount(Number(value))
    case 'share': return formatShare(Number(value))
    case 'seconds': return formatAge(Number(value))
    case 'date': return formatDay(`${value}T12:00:00Z`, 'UTC')
    default: return String(value)
  }
}

/** What a column is sorted by; null is last whichever way. */
export function sortable(value: Value, kind: Kind): string | number | null {
  if (value === null || value === undefined || value === '') return null
  if (kind === 'money') return kopecks(String(value))
  if (kind === 'quantity') return signedThousandths(String(value))
  return isNumeric(kind) ? Number(value) : String(value)
}
