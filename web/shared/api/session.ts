/** Who is here: the sign-in, one's own account and sessions. Passwords and codes go in bodies only, never into an address. */

import { call } from './client'

export interface SignedIn { token: string; expires_at: string; name: string }
export interface Credentials { login: string; password: string; code?: string; new_password?: string }
export interface Account { login: string; name: string; email: string; bitrix24_user: string | null; totp: boolean; recovery_left: number }
export interface Session { id: string; browser: string; entry: 'password' | 'portal' | 'token'; from: string; last_at: string; until: string | null; current: boolean }
export interface TotpSecret { secret: string; url: string; qr: number[][] }

const ME = '/api/v1/board/me'

export const signIn = (typed: Credentials): Promise<SignedIn> => call('POST', '/api/v1/signin', { body: typed })
export const signInByTicket = (ticket: string): Promise<SignedIn> => call('POST', '/api/v1/signin/portal', { body: { ticket } })
export const signOut = (): Promise<unknown> => call('POST', '/api/v1/signout', { body: {} })

export const account = (signal?: AbortSignal): Promise<Account> => call('GET', `${ME}/account`, { signal })
export const changePassword = (body: { password: string; new_password: string }, key: string): Promise<unknown> =>
  call('POST', `${ME}/password`, { body, key })
export const beginTotp = (password: string, key: string): Promise<TotpSecret> => call('POST', `${ME}/totp`, { body: { password }, key })
export const confirmTotp = (code: string, key: string): Promise<{ recovery: string[] }> =>
  call('POST', `${ME}/totp/confirm`, { body: { code }, key })
export const endTotp = (body: { password: string; code: string }, key: string): Promise<unknown> =>
  call('POST', `${ME}/totp/off`, { body, key })

export const mySessions = (signal?: AbortSignal): Promise<{ sessions: Session[] }> => call('GET', `${ME}/sessions`, { signal })
export const endMySession = (id: string, key: string): Promise<unknown> => call('POST', `${ME}/sessions/${encodeURIComponent(id)}/end`, { body: {}, key })
