import { forgetToken, token } from '@shared/kit/session'
import { beforeEach, expect, it, vi } from 'vitest'

import { useSignIn } from './useSignIn'
import { t } from './words'

const answers = (...told: [number, object][]): void => {
  const fake = vi.fn<typeof fetch>()
  for (const [status, body] of told) fake.mockResolvedValueOnce(new Response(JSON.stringify(body), { status }))
  vi.stubGlobal('fetch', fake)
}
const sent = (n: number): unknown => JSON.parse(vi.mocked(fetch).mock.calls[n]![1]!.body as string)
const says = (code: string): [number, object] => [401, { code, detail: `текст ${code}` }]

beforeEach(() => forgetToken())

it('asks for what the service wants, and for nothing before', async () => {
  answers(says('sign_in_code_wanted'), says('sign_in_new_password_wanted'), [200, { token: 'person-9', name: 'Анна' }])
  const one = useSignIn()
  Object.assign(one.typed, { login: ' anna ', password: 'once' })
  await one.enter()
  expect([one.wants.code, one.wants.newPassword, one.said.value]).toEqual([true, false, 'текст sign_in_code_wanted'])
  one.typed.code = '123456'
  await one.enter()
  expect(one.wants.newPassword).toBe(true)
  Object.assign(one.typed, { newPassword: 'новый пароль', again: 'другой' })
  await one.enter()
  expect(one.fault.value?.text).toBe(t.differ)
  one.typed.again = 'новый пароль'
  await one.enter()
  expect(sent(0)).toEqual({ login: 'anna', password: 'once' })
  expect(sent(2)).toEqual({ login: 'anna', password: 'once', code: '123456', new_password: 'новый пароль' })
  expect(token.value).toBe('person-9')
})

it('tells why it is refused, and lets begin again', async () => {
  answers(says('sign_in_wrong'))
  const one = useSignIn()
  await one.enter()
  expect(one.fault.value?.text).toBe(t.empty)
  Object.assign(one.typed, { login: 'anna', password: 'wrong' })
  await one.enter()
  expect([one.fault.value?.text, one.busy.value, token.value]).toEqual(['текст sign_in_wrong', false, null])
  one.anew()
  expect([one.typed.password, one.fault.value]).toEqual(['', null])
})
