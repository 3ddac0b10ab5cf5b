import type { People, Person } from '@shared/api/people'
import { setToken } from '@shared/kit/session'
import { mount, type Screen } from '@shared/testing/mount'
import { wire, type Call } from '@shared/testing/wire'
import { beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick, ref, type Ref } from 'vue'

import PersonPanel from './PersonPanel.vue'
import { rebased } from './rebased'

const anna = (changes: Partial<Person> = {}): Person => ({
  id: 'p1', login: 'anna', name: 'Анна', email: '', bitrix24_user: null, roles: ['cashier'], divisions: ['d1'], active: true, totp: false,
  has_password: true, one_time_until: null, sessions: 0, last_at: null, version: 3, ...changes,
})
const KNOWN: People = { people: [], roles: [{ role: 'cashier', rights: [] }], divisions: [{ ref: 'd1', name: 'Центр' }, { ref: 'd2', name: 'Юг' }, { ref: 'd3', name: 'Север' }] }
const MOVED = 'Эту запись изменили'

function opened(): { person: Ref<Person>; screen: Screen; writes: () => Call[] } {
  const calls = wire((call) => (call.method === 'GET' ? { sessions: [] } : undefined))
  const person = ref(anna())
  const screen = mount(defineComponent(() => () => h(PersonPanel, { person: person.value, known: KNOWN })), {})
  return { person, screen, writes: () => calls.filter((call) => call.method !== 'GET') }
}
const tick = (screen: Screen, label: string): void => screen.field(label).click()

beforeEach(() => setToken('person-1'))

it('keeps what is typed when somebody else changes the person, says so, and takes the rest', async () => {
  const { person, screen, writes } = opened()
  await screen.type('Имя', 'Анна Петрова')
  person.value = anna({ version: 4, divisions: ['d1', 'd2'] })
  await nextTick()
  expect(screen.text()).toContain(MOVED)
  tick(screen, 'Север') // what the other one ticked stays ticked
  await nextTick()
  await screen.click('Сохранить')
  await vi.waitFor(() => expect(writes()).toHaveLength(1))
  expect(writes()[0]!.body).toMatchObject({ version: 4, name: 'Анна Петрова', divisions: ['d1', 'd2', 'd3'] })
  screen.close()
})

it('follows the service where nothing is typed, and calls its own change nobody else’s', async () => {
  const { person, screen, writes } = opened()
  person.value = anna({ version: 4, name: 'Анна Котова' })
  await nextTick()
  expect(screen.field('Имя').value).toBe('Анна Котова')
  await screen.type('Имя', 'Анна Петрова')
  await screen.click('Сохранить')
  await vi.waitFor(() => expect(writes()).toHaveLength(1))
  await screen.type('Почта', 'a@b.ru')
  writes()[0]!.answer(anna({ version: 5, name: 'Анна Петрова' }))
  await vi.waitFor(() => expect(screen.text()).toContain('Сохранено'))
  person.value = anna({ version: 5, name: 'Анна Петрова' })
  await nextTick()
  expect(screen.text()).not.toContain(MOVED)
  expect([screen.field('Имя').value, screen.field('Почта').value]).toEqual(['Анна Петрова', 'a@b.ru'])
  screen.close()
})

it('repeats what was pressed as it was pressed, whatever was read meanwhile, and nothing else before that', async () => {
  vi.useFakeTimers()
  const { person, screen, writes } = opened()
  await screen.click('Снять паузу после неверных паролей')
  for (let n = 0; n < 4; n++) {
    writes()[n]!.lose()
    await vi.advanceTimersByTimeAsync(4000)
  }
  vi.useRealTimers()
  expect(screen.button('Закрыть доступ').disabled).toBe(true)
  person.value = anna({ version: 4 })
  await nextTick()
  await screen.click('Повторить')
  await vi.waitFor(() => expect(writes()).toHaveLength(5))
  expect(new Set(writes().map((call) => `${call.key} ${JSON.stringify(call.body)}`)).size).toBe(1)
  screen.close()
})

it('tells touched fields by what they were at first', () => {
  const { name, email, bitrix24_user, roles, divisions } = anna()
  const begun = { name, email, bitrix24_user, roles, divisions }
  expect(rebased(begun, { ...begun, email: 'a@b.ru' }, { ...begun, name: 'Котова', email: 'x@y.ru' })).toEqual({ ...begun, name: 'Котова', email: 'a@b.ru' })
  expect(rebased(begun, begun, { ...begun, divisions: null })).toEqual({ ...begun, divisions: null })
})
