import { refused, setToken, token } from '@shared/kit/session'
import { wire } from '@shared/testing/wire'
import { expect, it, vi } from 'vitest'

import { leave } from './leave'
import { takeTicket, useTicket } from './ticket'
import { useSignIn } from './useSignIn'

it('is left at once, and does not throw out who comes in before the answer', async () => {
  setToken('of Anna')
  const calls = wire()
  const gone = leave()
  expect(token.value).toBeNull()
  expect(new Headers(vi.mocked(fetch).mock.calls[0]![1]!.headers).get('authorization')).toBe('Bearer of Anna')
  setToken('of Boris')
  calls[0]!.answer({ code: 'unauthorized' }, 401)
  await gone
  expect([token.value, refused.value]).toEqual(['of Boris', false])
})

it('lets nobody in by a late ticket over one who has come in meanwhile', async () => {
  const calls = wire()
  const entering = useSignIn().byTicket('of Anna')
  setToken('of Boris')
  calls[0]!.answer({ token: 'of Anna', expires_at: '', name: 'Анна' })
  await entering
  expect(token.value).toBe('of Boris')
})

it('is the one whom the portal’s ticket lets in, not who was here before', () => {
  setToken('of Anna')
  history.replaceState(null, '', '/office/#ticket=0123456789-0123456789')
  takeTicket()
  expect([token.value, useTicket(), location.hash]).toEqual([null, '0123456789-0123456789', '#/'])
})
