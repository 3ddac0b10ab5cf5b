import type { CourierMapping, PersonMapping } from '@shared/api/settings'
import { setToken } from '@shared/kit/session'
import { inScope } from '@shared/testing/scope'
import { beforeEach, expect, it, vi } from 'vitest'

import { useSuggestion } from './useSuggestion'

const FOUND = { user: '8', name: 'Илья Петров', by: 'phone' } as const
const COURIER: CourierMapping = {
  ref: 'c1', name: 'Илья', active: true, division: { ref: 'd1', name: 'Центр' }, said: '', user: '', user_name: null, source: '1c', version: 3,
  who: null, at: null, reason: null, warehouses: [], wrong: ['no_user'], suggestion: FOUND,
}
const PERSON: PersonMapping = { id: 'p1', login: 'anna', name: 'Анна', user: '', user_name: null, version: 2, wrong: [], suggestion: { ...FOUND, by: 'email' } }

const asked = (): unknown[] => vi.mocked(fetch).mock.calls.map(([to, init]) => [init?.method, String(to as string), JSON.parse(init?.body as string) as unknown])
const answers = (status: number, body: string): void => void vi.stubGlobal('fetch', vi.fn<typeof fetch>(() => Promise.resolve(new Response(body, { status, headers: { 'Content-Type': 'application/problem+json' } }))))

beforeEach(() => setToken('person-1'))

it('gives a courier the user that was suggested, with the reason and the version that was seen', async () => {
  answers(200, '{}')
  const [done, refused] = [vi.fn(), vi.fn()]
  const { value: taken } = inScope(() => useSuggestion(done, refused))
  await taken.take(COURIER)
  expect(asked()).toEqual([['PUT', '/api/v1/admin/mappings/couriers/c1', { bitrix24_user: '8', reason: 'Предложен порталом: совпадает телефон', version: 3 }]])
  expect(done).toHaveBeenCalledWith('Илья')
  expect(refused).not.toHaveBeenCalled()
})

it('changes somebody of the office by his own door', async () => {
  answers(200, '{}')
  const { value: taken } = inScope(() => useSuggestion(vi.fn(), vi.fn()))
  await taken.take(PERSON)
  expect(asked()).toEqual([['PATCH', '/api/v1/admin/people/p1', { bitrix24_user: '8', version: 2 }]])
})

it('looks again when somebody else was quicker, and asks nothing where nobody is suggested', async () => {
  answers(409, JSON.stringify({ code: 'mapping_changed', title: 'x', status: 409, detail: 'x' }))
  const [done, refused] = [vi.fn(), vi.fn()]
  const { value: taken } = inScope(() => useSuggestion(done, refused))
  await taken.take({ ...COURIER, suggestion: null })
  expect(fetch).not.toHaveBeenCalled()
  await taken.take(COURIER)
  expect(refused).toHaveBeenCalledOnce()
  expect(done).not.toHaveBeenCalled()
})
