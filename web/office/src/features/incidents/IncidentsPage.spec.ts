import type { Incident } from '@shared/api/incidents'
import { setToken } from '@shared/kit/session'
import { mount, type Screen } from '@shared/testing/mount'
import { wire, type Call } from '@shared/testing/wire'
import { expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import IncidentsPage from './IncidentsPage.vue'
import { withHeld } from './useIncidents'

const anIncident = (id: string, changes: Partial<Incident> = {}): Incident => ({
  id, kind: 'far_from_address', title: `Случай ${id}`, severity: 'warning', state: 'open', what: '', why: '', suggestion: '',
  order_number: id, order_ref: null, delivery_id: null, courier: null, division: null, raised_at: '2026-11-22T10:00:00Z', last_at: `2026-11-22T10:0${id}:00Z`,
  times: 1, news: [], together: true, decision: null, decided_by: null, decided_at: null, reason: null, ...changes,
})
const decided = (id: string): Incident => anIncident(id, { state: 'decided', decision: 'explained', decided_by: 'Анна', decided_at: '2026-11-22T11:00:00Z', reason: 'Так' })

/** The page over a list that `becomes` another with the next reading; what is pressed is held. */
async function opened(...list: Incident[]): Promise<{ screen: Screen; becomes: (...now: Incident[]) => Promise<void>; presses: () => Call[] }> {
  setToken('person-1')
  let now = list
  let readings = 0
  const calls = wire((call) => {
    if (call.method !== 'GET') return undefined
    if (!call.path.includes('/incidents')) return { couriers: [] }
    readings += 1
    return { incidents: now, open: now.length, kinds: [], divisions: [] }
  })
  const screen = mount(IncidentsPage, {})
  await vi.waitFor(() => expect(screen.text()).toContain(list[0]!.title))
  const becomes = async (...next: Incident[]): Promise<void> => {
    const before = readings
    now = next
    dispatchEvent(new Event('online')) // reads at once
    await vi.waitFor(() => expect(readings).toBeGreaterThan(before))
    await nextTick()
  }
  return { screen, becomes, presses: () => calls.filter((call) => call.method === 'POST') }
}
const card = (screen: Screen, title: string): HTMLElement => screen.root.querySelector(`[aria-label="${title}"]`)!

it('keeps the card that is being decided on when a renewal has it no more, and says what became of it', async () => {
  const { screen, becomes, presses } = await opened(anIncident('1'))
  await screen.click('Решить')
  screen.field('Объяснено').click()
  await screen.type('Причина', 'Так')
  await screen.click('Записать решение')
  await vi.waitFor(() => expect(presses()).toHaveLength(1))
  await becomes(anIncident('2')) // the decision counts, its answer is still on its way
  await vi.waitFor(() => expect(screen.text()).toContain('Случай 2'))
  expect(screen.field('Причина').value).toBe('Так')
  presses()[0]!.answer(decided('1'))
  await vi.waitFor(() => expect(screen.root.querySelector('.said')!.textContent).toContain('Объяснено'))
  expect(card(screen, 'Случай 1')).toBeNull()
  screen.close()
})

it('decides on those that were picked when the window was opened, though the list goes on', async () => {
  const { screen, becomes, presses } = await opened(anIncident('1'), anIncident('2'))
  for (const box of screen.root.querySelectorAll<HTMLInputElement>('.pick input')) box.click()
  await nextTick()
  await screen.click('Решить выбранные: 2')
  await becomes(anIncident('3'))
  await vi.waitFor(() => expect(screen.text()).toContain('Случай 3'))
  expect(document.querySelector('dialog')).not.toBeNull()
  const fields = document.querySelector('dialog')!
  fields.querySelector<HTMLInputElement>('input[type=radio]')!.click()
  const reason = fields.querySelector('textarea')!
  reason.value = 'Так'
  reason.dispatchEvent(new Event('input'))
  await nextTick()
  fields.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true }))
  await vi.waitFor(() => expect(presses()).toHaveLength(1))
  expect((presses()[0]!.body as { ids: string[] }).ids.sort()).toEqual(['1', '2'])
  presses()[0]!.answer({ decided: 2, before: [] })
  await vi.waitFor(() => expect(document.querySelector('dialog')).toBeNull())
  screen.close()
})

it('leaves a held one in its place, and takes what is newer of it while it is open', () => {
  const held = new Map([['1', anIncident('1')]])
  const ids = (all: readonly Incident[]): string[] => all.map((one) => one.id)
  expect(ids(withHeld([anIncident('2'), anIncident('1', { last_at: '2026-11-22T12:00:00Z', times: 2 })], held))).toEqual(['2', '1'])
  expect(withHeld([anIncident('1', { times: 2 })], held)[0]!.times).toBe(2)
  expect(withHeld([decided('1')], held).map((one) => one.state)).toEqual(['decided'])
  expect(ids(withHeld([anIncident('0'), anIncident('2')], held))).toEqual(['2', '1', '0'])
})
