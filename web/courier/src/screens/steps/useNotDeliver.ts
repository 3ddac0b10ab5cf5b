/** «Не вручил»: reason, comment, next date. Pure. */

import type { ShownDelivery } from '@courier/engine'
import { t } from '@courier/words'

export type When = 'tomorrow' | 'after' | 'other' | 'unknown'
export interface NotDeliverForm {
  reason: string
  comment: string
  when: When
  day: string
}

export const emptyForm = (): NotDeliverForm => ({ reason: '', comment: '', when: 'unknown', day: '' })

/** `today` and the answer are calendar days of the division: 2026-11-23. */
export function dayAfter(today: string, days: number): string {
  const at = new Date(`${today}T12:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

export function nextDate(form: NotDeliverForm, today: string): string | null {
  if (form.when === 'tomorrow') return dayAfter(today, 1)
  if (form.when === 'after') return dayAfter(today, 2)
  return form.when === 'other' ? form.day || null : null
}

export function faultsOf(form: NotDeliverForm, today: string): string[] {
  const faults: string[] = []
  if (!form.reason) faults.push(t('notDeliver.reasonMissing'))
  if (form.reason === 'other' && !form.comment.trim()) faults.push(t('notDeliver.commentMissing'))
  if (form.when === 'other' && !(form.day >= today)) faults.push(t('notDeliver.badDay'))
  return faults
}

export function payloadOf(form: NotDeliverForm, today: string): Record<string, unknown> {
  const [next, comment] = [nextDate(form, today), form.comment.trim()]
  return { reason: form.reason, ...(comment ? { comment } : {}), ...(next ? { next_date: next } : {}) }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export function formOf(_: ShownDelivery, payload: Record<string, unknown>): NotDeliverForm {
  const day = text(payload.next_date)
  return { reason: text(payload.reason), comment: text(payload.comment), when: day ? 'other' : 'unknown', day }
}
