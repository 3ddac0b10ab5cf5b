import { aDelivery, anItem } from '@courier/testing/day'
import { fixture, useDay, useOpened, useQueue, useSession } from '@courier/testing/fixture'
import { calm, opened, start } from '@courier/testing/screen'
import type { Screen } from '@shared/testing/mount'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import App from './App.vue'
// What comes later is loaded before the clock of a test runs.
import './screens/EntryScreen.vue'
import './screens/shift/ShiftScreen.vue'
import './screens/steps/HandOverScreen.vue'
import { replace } from './ui/routes'

let screen: Screen
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  start([aDelivery(), aDelivery({ id: 'd2', order: { ref: 'r2', number: '000-200', site_number: null }, stage: 'settled', goods_out: false })])
  useQueue().items = []
  replace('/')
})
afterEach(() => {
  screen.close()
  vi.useRealTimers()
})

const PATIENCE = { timeout: 4000 }
const shown = (text: string) => vi.waitFor(() => expect(screen.text()).toContain(text), PATIENCE)

it('shows what is left first and folds what is done', async () => {
  screen = await opened(App, {})
  expect(screen.root.querySelector('h1')?.textContent).toBe('1 осталось')
  expect(screen.root.querySelector('details')?.textContent).toContain('000-200')
  expect(screen.root.querySelector('details')?.open).toBe(false)
})

it('lands on the sheet in which the page was killed, with what was typed', async () => {
  const form = { amount: '2450', method: 'card', given: '', reference: '', why: '', whyText: '', accepted: {}, checked: false }
  fixture.drafts.set('d1 hand_over', { open: true, path: '/order/d1/hand_over', form, code: '', photos: [] })
  screen = await opened(App, {})
  await shown('Вручение')
  await vi.waitFor(() => expect(screen.field('Сумма в рублях').value).toBe('2450'), PATIENCE)
})

it('does not lead into that sheet who went elsewhere before it was found', async () => {
  fixture.drafts.set('d1 hand_over', { open: true, path: '/order/d1/hand_over', form: {}, code: '', photos: [] })
  const { mount } = await import('@shared/testing/mount')
  screen = mount(App, {})
  replace('/order/d2')
  await calm()
  expect(location.hash).toBe('#/order/d2')
})

it('does not call back who went to work while his day was read after the login', async () => {
  useSession().status = 'expired'
  history.replaceState(null, '') // started there: nothing of ours lies below
  replace('/entry')
  screen = await opened(App, {})
  await shown('Вход устарел')
  useSession().$onAction(({ after }) => after(() => replace('/cash')))
  await vi.waitFor(() => screen.field('Код входа'), PATIENCE)
  await screen.type('Код входа', 'ABCD2345')
  await screen.click('Войти')
  await calm()
  expect(location.hash).toBe('#/cash')
})

it('stays in the list when the courier left the sheet by himself', async () => {
  fixture.drafts.set('d1 hand_over', { open: false, path: '/order/d1/hand_over', form: {}, code: '', photos: [] })
  screen = await opened(App, {})
  expect(location.hash).toBe('#/')
})

it('asks for a code when nobody is in, and lets an expired entry work on', async () => {
  useSession().status = 'out'
  screen = await opened(App, {})
  await shown('Введите код из 8 знаков.')
  useSession().status = 'expired'
  await shown('Вход устарел. Всё записанное цело и уйдёт после входа.')
  expect(screen.text()).toContain('1 осталось')
})

it('says why a link did not let in while somebody works here, until he has read it', async () => {
  const { EngineError } = await import('@courier/testing/fixture')
  useSession().problem = new EngineError('queue_not_empty')
  screen = await opened(App, {})
  await shown('Вход по ссылке не удался. На телефоне есть неотправленное.')
  expect(screen.text()).toContain('1 осталось')
  await screen.click('Закрыть')
  expect(screen.text()).not.toContain('не удался')
})

it('says that an order is no longer his instead of an empty screen', async () => {
  replace('/order/gone')
  screen = await opened(App, {})
  expect(screen.text()).toContain('Такого заказа у вас нет')
})

/** As the engine does when a link leads to an order. */
const led = (id: string, state: 'found' | 'missing') => Object.assign(useOpened(), { id, state })

it('leads a link to its order, with the list below it', async () => {
  led('d1', 'found')
  screen = await opened(App, {})
  expect(location.hash).toBe('#/order/d1')
  expect(screen.root.querySelector('h1')?.textContent).toBe('Заказ 000-123')
  expect((history.state as { deep: number }).deep).toBe(1)
})

it('leads there past the login, and past a sheet of another order', async () => {
  fixture.drafts.set('d2 hand_over', { open: true, path: '/order/d2/hand_over', form: {}, code: '', photos: [] })
  useSession().status = 'out'
  screen = await opened(App, {})
  await shown('Введите код из 8 знаков.')
  useSession().status = 'in'
  led('d1', 'found')
  await vi.waitFor(() => expect(location.hash).toBe('#/order/d1'), PATIENCE)
  await calm()
  expect(location.hash).toBe('#/order/d1')
})

it('keeps the code that is typed from leading away from the order of the link', async () => {
  useSession().status = 'out'
  screen = await opened(App, {})
  await shown('Введите код из 8 знаков.')
  useSession().$onAction(({ after }) => after(() => void led('d1', 'found')))
  await screen.type('Код входа', 'ABCD2345')
  await screen.click('Войти')
  await vi.waitFor(() => expect(location.hash).toBe('#/order/d1'), PATIENCE)
  await calm()
  expect(location.hash).toBe('#/order/d1')
})

it('comes back to the sheet of the very order that a link leads to', async () => {
  fixture.drafts.set('d1 hand_over', { open: true, path: '/order/d1/hand_over', form: {}, code: '', photos: [] })
  led('d1', 'found')
  screen = await opened(App, {})
  await vi.waitFor(() => expect(location.hash).toBe('#/order/d1/hand_over'), PATIENCE)
})

it('does not pull back who went elsewhere before the order of the link was found', async () => {
  replace('/order/d2')
  screen = await opened(App, {})
  led('d1', 'found')
  await calm()
  expect(location.hash).toBe('#/order/d2')
})

it('says in the list that the order of a link is not in his day, until he goes on', async () => {
  led('d404', 'missing')
  screen = await opened(App, {})
  await shown('Этой доставки нет в вашем дне.')
  expect(screen.text()).toContain('1 осталось')
  replace('/order/d1')
  await calm()
  replace('/')
  await shown('1 осталось')
  expect(screen.text()).not.toContain('нет в вашем дне')
})

it('departs by one touch and undoes it within ten seconds', async () => {
  useDay().deliveries = [aDelivery({ stage: 'picked_up' })]
  replace('/order/d1')
  screen = await opened(App, {})
  await screen.click('В путь')
  await shown('Отменить (10)')
  expect(fixture.recorded).toMatchObject([{ type: 'delivery.depart', delivery: 'd1', version: 3 }])
  await screen.click('Отменить (10)')
  await calm()
  expect(useQueue().items).toEqual([])
  expect(screen.text()).not.toContain('Отменить (')
})

it('refuses the end of the shift while anything is not sent, and says what', async () => {
  useQueue().items = [anItem({ photos_left: 2 })]
  replace('/shift/close')
  screen = await opened(App, {})
  await shown('Сначала отправьте записанное')
  expect(screen.text()).toContain('Не отправлено: 1 шаг')
  expect(screen.text()).toContain('Не отправлено: 2 фото')
  expect(screen.text()).toContain('Отправить сейчас')
})
