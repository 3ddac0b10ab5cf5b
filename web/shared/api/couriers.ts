import { call } from './client'
import type { Named } from './types'

export interface Device {
  /** The phone's own text; empty for a token that no phone has shown yet. */
  device: string
  entry: 'code' | 'portal' | 'token'
  agent: string
  app_version: string
  /** By the phone's own word; null = it has not said. */
  unsent: number | null
  last_seq: number
  missing: number
  first_at: string
  last_at: string
  expires_at: string | null
  revoked: boolean
  /** Null = there is nothing that could be revoked. */
  token_id: string | null
}

export interface CourierPhones {
  ref: string
  name: string
  phone: string
  active: boolean
  division: Named
  bitrix24_user: string | null
  devices: Device[]
}

export interface LoginCode {
  code: string
  expires_at: string
  url: string
  /** Rows of modules, 1 = dark, without the light border of 4 around. */
  qr: number[][]
}

export const couriers = (signal?: AbortSignal): Promise<{ couriers: CourierPhones[] }> =>
  call('GET', '/api/v1/board/couriers', { signal })

/** Each call makes another code and ends the one before. */
export const makeLoginCode = (ref: string, key: string): Promise<LoginCode> =>
  call('POST', `/api/v1/board/couriers/${encodeURIComponent(ref)}/login-codes`, { body: {}, key })

export const revokeDevice = (tokenId: string, key: string): Promise<{ revoked: boolean }> =>
  call('POST', `/api/v1/board/devices/${encodeURIComponent(tokenId)}/revoke`, { body: {}, key })
