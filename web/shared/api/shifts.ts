import { call } from './client'
import type { Named } from './types'

/** In units, as text: "1.5". */
export interface ShiftGoods { product: string; characteristic: string | null; name: string; unit: string; quantity: string }
export interface ShiftDifference { product: string; characteristic: string | null; name: string; expected: string; counted: string }

export interface ShiftPhone {
  device: string
  name: string | null
  last_seq: number
  whole_to: number
  /** Numbers of its records that have not come, 50 at most. */
  missing: number[]
  /** What it said it still has; null = it has not said. */
  unsent: number | null
  last_at: string
}

export interface Shift {
  id: string
  courier: Named
  division: string
  division_name: string | null
  opened_at: string
  closed_at: string | null
  /** A manager who closed it for him. */
  closed_by: string | null
  close_reason: string | null
  /** Records that came after its end. */
  late: number
  opened: { goods: ShiftGoods[]; cash: string; differences: ShiftDifference[] }
  /** goods, cash: null = not counted. */
  closed: {
    goods: ShiftGoods[] | null
    cash: string | null
    expected_cash: string | null
    cash_difference: string | null
    differences: ShiftDifference[]
  } | null
  phones: ShiftPhone[]
}

export interface ShiftClose {
  reason: string
  goods?: { product: string; characteristic?: string; quantity: string }[]
  cash?: string
}

export const shifts = (day: string, signal?: AbortSignal): Promise<{ shifts: Shift[] }> =>
  call('GET', '/api/v1/board/shifts', { query: { day }, signal })

export const closeShift = (id: string, body: ShiftClose, key: string): Promise<{ id: string; closed_at: string }> =>
  call('POST', `/api/v1/board/shifts/${encodeURIComponent(id)}/close`, { body, key })
