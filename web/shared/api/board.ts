import { call } from './client'
import type { ActionBody, ActionResult, Board, BoardFilter, Delivery, WayAnswer } from './types'

const at = (id: string): string => `/api/v1/board/deliveries/${encodeURIComponent(id)}`

export interface Me {
  name: string
  login?: string | null
  roles?: readonly string[]
  rights?: readonly string[]
  /** null: not limited to divisions. */
  divisions?: readonly { ref: string; name: string | null }[] | null
  time_zone?: string
}

export const me = (signal?: AbortSignal): Promise<Me> => call('GET', '/api/v1/board/me', { signal })

export const deliveries = (filter: BoardFilter, signal?: AbortSignal): Promise<Board> =>
  call('GET', '/api/v1/board/deliveries', { query: { limit: 500, ...filter }, signal })

export const delivery = (id: string, signal?: AbortSignal): Promise<Delivery> => call('GET', at(id), { signal })

/** `key` belongs to one press of a button and stays the same through its retries. */
export const act = (id: string, body: ActionBody, key: string): Promise<ActionResult> =>
  call('POST', `${at(id)}/actions`, { body, key })

export const way = (q: string, signal?: AbortSignal): Promise<WayAnswer> =>
  call('GET', '/api/v1/board/way', { query: { q }, signal })
