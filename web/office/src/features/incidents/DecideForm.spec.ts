import type { Incident } from '@shared/api/incidents'
import { setToken } from '@shared/kit/session'
import { mount, type Screen } from '@shared/testing/mount'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import DecideForm from './DecideForm.vue'
import { byUrgency } from './useIncidents'

const anIncident = (changes: Partial<Incident> = {}): Incident => ({
  id: 'i1', kind: 'far_from_address', title: 'Далеко от адреса', severity: 'warning', state: 'open', what: '', why: '', suggestion: '',
  order_number: '1', order_ref: 'r1', delivery_id: 'd1', courier: null, division: null, raised_at: '2026-11-22T10:00:00Z', last_at: '2026-11-22T10:00:00Z',
  times: 1, news: [], decision: null, decided_by: null, decided_at: null, reason: null,
  ...changes,
})
const onDecided = vi.fn<(incident: Incident) => void>()
const onChanged = vi.fn<() => void>()
let screen: Screen

beforeEach(() => {
  setToken('person-1')
  screen = mount(DecideForm, { incident: anIncident(), onDecided, onChanged })
})
afterEach(() => {
  screen.close()
  vi.clearAllMocks()
  vi.unstubAllGlobals()
})
const answering = (body: unknown, status = 200) => vi.stubGlobal('fetch', vi.fn<typeof fetch>(() => Promise.resolve(new Response(JSON.stringify(body), { status }))))
async function submit(): Promise<void> {
  screen.root.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true }))
  await nextTick()
}

it('sends nothing without a decision and a reason, and says which is missing', async () => {
  answering({})
  await submit()
  expect(screen.text()).toContain('Выберите одно из решений.')
  expect(screen.text()).toContain('Напишите причину')
  screen.field('Объяснено').click()
  await submit()
  expect(screen.text()).not.toContain('Выберите одно из решений.')
  expect(fetch).not.toHaveBeenCalled()
})

it('sends the decision with its reason', async () => {
  answering(anIncident({ state: 'decided', decision: 'explained' }))
  screen.field('Объяснено').click()
  await screen.type('Причина', ' отметил позже ')
  await submit()
  await vi.waitFor(() => expect(onDecided).toHaveBeenCalled())
  const [url, init] = vi.mocked(fetch).mock.calls[0] as [string, RequestInit]
  expect(url).toBe('/api/v1/board/incidents/i1/decide')
  expect(JSON.parse(init.body as string)).toEqual({ decision: 'explained', reason: 'отметил позже' })
})

it('keeps what was typed when somebody has decided before', async () => {
  answering({ status: 422, code: 'already_decided', title: '', detail: 'По этому случаю уже решили: Анна.' }, 422)
  screen.field('Отклонить').click()
  await screen.type('Причина', 'не было его там')
  await submit()
  await vi.waitFor(() => expect(onChanged).toHaveBeenCalled())
  await nextTick()
  expect(screen.text()).toContain('уже решили: Анна')
  expect(screen.field('Причина').value).toBe('не было его там')
})

it('puts first what can wait least, last what is decided', () => {
  const all = [
    anIncident({ id: 'done', state: 'decided', severity: 'alarm', decided_at: '2026-11-22T12:00:00Z' }), anIncident({ id: 'note', severity: 'notice' }),
    anIncident({ id: 'old' }), anIncident({ id: 'new', last_at: '2026-11-22T11:00:00Z' }), anIncident({ id: 'alarm', severity: 'alarm' }),
  ]
  expect(all.sort(byUrgency).map((one) => one.id)).toEqual(['alarm', 'new', 'old', 'note', 'done'])
})

it('offers to book the money where cash differs, and nowhere else', () => {
  expect(screen.text()).not.toContain('Провести разницу')
  screen.close()
  screen = mount(DecideForm, { incident: anIncident({ kind: 'cash_difference', moves: ['settled'] }), onDecided, onChanged })
  expect(screen.text()).toContain('Провести разницу')
})
