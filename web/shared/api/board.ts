import { call } from './client'
import { listen, type Heard } from './stream'
import type { ActionBody, ActionResult, Board, BoardFilter, DeliveryComment, WayAnswer, WholeDelivery } from './types'

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

const PAGE = 2000

/** A page of the board; `after` is `next` of the page before. */
export const boardPage = (filter: BoardFilter, after: string, signal?: AbortSignal): Promise<Board> =>
  call('GET', '/api/v1/board/deliveries', { query: { limit: PAGE, slim: 'true', after, ...filter }, signal })

/** What happens on the board from that cursor on, for so many seconds, or until `signal` or the service ends it. */
export const boardStream = (filter: BoardFilter, cursor: string, seconds: number, heard: Heard, signal: AbortSignal): Promise<void> =>
  listen('/api/v1/board/stream', { ...filter, seconds: String(seconds) }, cursor, heard, signal)

export const delivery = (id: string, signal?: AbortSignal): Promise<WholeDelivery> => call('GET', at(id), { signal })

export const comment = (id: string, text: string, key: string): Promise<DeliveryComment> =>
  call('POST', `${at(id)}/comments`, { body: { text }, key })

/** `key` belongs to one press of a button and stays the same through its retries. */
export const act = (id: string, body: ActionBody, key: string): Promise<ActionResult> =>
  call('POST', `${at(id)}/actions`, { body, key })

export const way = (q: string, signal?: AbortSignal): Promise<WayAnswer> =>
  call('GET', '/api/v1/board/way', { query: { q }, signal })
