import { aDay, aDelivery, aRules, BACKPACK, LOADS } from '@courier/testing/day'
import { fixture, useDay, useQueue } from '@courier/testing/fixture'
import { calm, choose, missing, opened, press, start } from '@courier/testing/screen'
import type { Screen } from '@shared/testing/mount'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import App from '../../App.vue'
// What comes later is loaded before the clock of a test runs.
import './AcceptScreen.vue'
import './CashScreen.vue'
import './CorrectSaleScreen.vue'
import './HandInScreen.vue'
import './SaleScreen.vue'
import './SoldScreen.vue'
import { replace } from '../../ui/routes'

let screen: Screen
const PATIENCE = { timeout: 4000 }
const shown = (text: string) => vi.waitFor(() => expect(screen.text()).toContain(text), PATIENCE)

async function on(path: string, changes: Parameters<typeof aDay>[0] = {}): Promise<void> {
  start([aDelivery()], changes)
  useQueue().items = []
  replace(path)
  screen = await opened(App, {})
}
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => {
  screen.close()
  vi.useRealTimers()
})

/** The one button, link or choice that a finger would find by these words. */
let taps = 0
async function tap(words: string): Promise<void> {
  const all = [...screen.root.querySelectorAll<HTMLElement>('button, a, fieldset label')]
  const found = all.filter((one) => (one.ariaLabel ?? one.getAttribute('aria-label') ?? one.textContent).trim().startsWith(words))
  expect(found, words).toHaveLength(1)
  taps += 1
  found[0]?.click()
  const input = found[0]?.querySelector('input')
  if (input && !input.checked) input.click()
  await calm()
}

it('sells a thermos in cash by five taps from the list of orders', async () => {
  await on('/')
  taps = 0
  replace('/backpack') // the tab: a link that the browser follows
  taps += 1
  await shown('Чаще продаёте')
  await tap('В корзину: Термос')
  expect(screen.text()).toContain('1 позиция · 990\u202f₽')
  await tap('Продать')
  await shown('К оплате')
  await tap('Наличные')
  await tap('Продано, 990')
  await shown('К сдаче +990\u202f₽')
  expect(taps).toBeLessThanOrEqual(6)
  expect(fixture.recorded).toEqual([{
    type: 'sale.make', version: 4, photos: [], geo: null,
    payload: { lines: [{ product: 'p1', quantity: '1', price: '990.00' }], payment_method: 'cash', receipt: true },
  }])
  expect(useDay().day?.cash.to_hand_in).toBe('7100.00')
  expect(screen.text()).toContain('Отменить')
})

it('leaves a courier where he went while the sale was written down', async () => {
  await on('/backpack')
  await tap('В корзину: Термос')
  await tap('Продать')
  await choose(screen, 'Наличные')
  screen.root.querySelector<HTMLButtonElement>('footer button.btn-main')?.click()
  location.hash = '#/cash' // a link, in the same moment
  await vi.waitFor(() => expect(fixture.recorded).toHaveLength(1), PATIENCE)
  await shown('Движение сегодня')
  await calm()
  expect(location.hash).toBe('#/cash')
})

it('undone leads back to the payment as it was typed', async () => {
  await on('/backpack')
  await tap('В корзину: Термос')
  await tap('Продать')
  await choose(screen, 'Перевод')
  await screen.type('Номер перевода', '4411')
  await press(screen)
  await shown('Наличных не брали')
  await tap('Отменить')
  await shown('К оплате')
  expect(screen.field('Номер перевода').value).toBe('4411')
  expect(useDay().day?.sales).toHaveLength(2)
})

it('asks the kilograms of goods by weight and counts the sum half up', async () => {
  await on('/backpack')
  await tap('В корзину: Орехи')
  expect(screen.text()).toContain('Проверьте: количество товара')
  await screen.type('Орехи', '0,333')
  expect(screen.text()).toContain('599,40\u202f₽')
  await tap('Продать')
  await choose(screen, 'Карта')
  await press(screen)
  expect(fixture.recorded[0]?.payload).toMatchObject({ lines: [{ product: 'p3', quantity: '0.333', price: '1800.00' }], payment_method: 'card' })
})

it('warns of more than there is, and stops beyond what the rules allow', async () => {
  await on('/backpack')
  await tap('В корзину: Термос')
  await screen.type('Термос', '5')
  expect(screen.text()).toContain('Продать можно, но логистик увидит')
  expect(screen.button('Продать').getAttribute('aria-disabled')).toBeNull()
  await screen.type('Термос', '6')
  expect(screen.text()).toContain('продать можно не больше 5\u202fшт')
  await screen.click('Продать')
  expect(screen.text()).not.toContain('К оплате')
})

it('asks for a price where 1C has none', async () => {
  await on('/backpack')
  await tap('В корзину: Открытка')
  expect(screen.text()).toContain('Проверьте: цена')
  await screen.type('Цена за шт', '45,50')
  await tap('Продать')
  await choose(screen, 'Наличные')
  await press(screen)
  expect(fixture.recorded[0]?.payload).toMatchObject({ lines: [{ product: 'p5', quantity: '1', price: '45.50' }] })
})

it('takes the order that it was opened from along', async () => {
  await on('/backpack/for/d1')
  expect(screen.text()).toContain('К заказу 000-123')
  await tap('В корзину: Термос')
  await tap('Продать')
  await choose(screen, 'Наличные')
  await press(screen)
  expect(fixture.recorded[0]?.payload).toMatchObject({ delivery: 'd1' })
  expect(fixture.recorded[0]?.delivery).toBeUndefined()
})

it('keeps the basket over a kill and comes back to the payment', async () => {
  await on('/backpack')
  await tap('В корзину: Термос')
  await tap('Продать')
  await choose(screen, 'Наличные')
  await vi.waitFor(() => expect(fixture.drafts.get('sale sale')).toMatchObject({ open: true, path: '/backpack/sell', form: { method: 'cash', quantities: { 'p1 ': '1' } } }), PATIENCE)
  const kept: unknown = fixture.drafts.get('sale sale')
  screen.close()
  fixture.drafts.set('sale sale', kept) // killed: the page could not say that it was left
  replace('/')
  screen = await opened(App, {})
  await shown('К оплате')
  expect(screen.root.querySelector<HTMLInputElement>('input[value=cash]')?.checked).toBe(true)
})

it('finds goods by name, article, code and barcode', async () => {
  await on('/backpack')
  const search = screen.root.querySelector<HTMLInputElement>('input[type=search]')!
  for (const [asked, name] of [['вершина терм', 'Термос'], ['pl-150', 'Плед'], ['ор-003', 'Орехи'], ['4600000000024', 'Иван-чай']] as const) {
    search.value = asked
    search.dispatchEvent(new Event('input'))
    await calm()
    expect([...screen.root.querySelectorAll('[aria-label^="В корзину"]')].map((one) => one.getAttribute('aria-label')), asked).toEqual([expect.stringContaining(name)])
  }
})

it('has no button for a camera that reads no barcodes', async () => {
  await on('/backpack')
  expect(screen.text()).not.toContain('Сканировать')
})

it('adds what the camera reads and lets the camera go', async () => {
  const stop = vi.fn()
  vi.stubGlobal('BarcodeDetector', class { detect = async () => [{ rawValue: '4600000000017' }] })
  const camera = { getUserMedia: async () => ({ getTracks: () => [{ stop }] }) }
  vi.stubGlobal('navigator', new Proxy(navigator, { get: (real, key) => (key === 'mediaDevices' ? camera : (Reflect.get(real, key) as unknown)) }))
  vi.spyOn(HTMLMediaElement.prototype, 'srcObject', 'set').mockImplementation(() => undefined)
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue()
  await on('/backpack')
  await screen.click('Сканировать')
  await shown('В корзине: Термос')
  expect(stop).toHaveBeenCalled()
  expect(screen.text()).toContain('1 позиция')
  vi.unstubAllGlobals()
})

it('corrects a sale by an event with its reason', async () => {
  await on('/backpack/sale/s6')
  expect(missing(screen)).toBe('Не хватает: причина исправления')
  await screen.type('Что было записано неверно', 'Взял один')
  await screen.type('Чай', '1')
  await press(screen)
  expect(fixture.recorded).toEqual([{
    type: 'correction', version: 4, photos: [], geo: null,
    payload: { of: 's6', reason: 'Взял один', payload: { lines: [{ product: 'p2', characteristic: 'c2', quantity: '1', price: '340.00' }], payment_method: 'transfer', reference: '4411', delivery: 'd8', receipt: true } },
  }])
  await shown('исправление не отправлено')
})

it('accepts a load by count and shows the differences before', async () => {
  await on('/backpack', { backpack_loads: LOADS })
  await tap('Пересчитать')
  await shown('Склад загрузил в ')
  await screen.click('Всё совпадает')
  expect(screen.text()).not.toContain('Расхождения')
  await screen.type('Чай', '9')
  expect(screen.text()).toContain('меньше на 1\u202fшт')
  await press(screen)
  expect(fixture.recorded).toEqual([{
    type: 'backpack.accept', version: 4, photos: [], geo: null,
    payload: { loads: ['l1'], lines: [{ product: 'p2', characteristic: 'c2', quantity: '9' }, { product: 'p3', quantity: '1' }] },
  }])
  await vi.waitFor(() => expect(screen.text()).not.toContain('пересчитайте'), PATIENCE)
})

it('asks to hand in a sum that he named himself, and shows the cashier’s code', async () => {
  await on('/cash')
  await tap('Сдать')
  await shown('Кассир пересчитает')
  expect(screen.field('Сумма в рублях').value).toBe('')
  await tap('Всё: 6')
  await press(screen)
  expect(fixture.recorded).toEqual([{ type: 'cash.hand_in_request', payload: { sum: '6110.00' }, photos: [], geo: null }])
  await shown('Просьба записана')
  useQueue().items = useQueue().items.map((one) => ({ ...one, state: 'accepted' as const, held_until: null }))
  const day = useDay()
  day.day = { ...aDay(), cash: { ...aDay().cash, hand_in_code: '4821' } }
  await shown('4821')
})

it('works with a service that knows no trade yet', async () => {
  const old = { ...aDay({ backpack: BACKPACK.map(({ product, characteristic, name, unit, by_weight, price }) => ({ product, characteristic, name, unit, by_weight, price, quantity: '1' })) }), cash: { change: '0.00', collected: '0.00', to_hand_in: '0.00' }, rules: { v1: aRules({ oversale: undefined, sale_receipt: undefined, cash_ceiling: null }) } }
  await on('/backpack', { ...old, sales: undefined, backpack_loads: undefined, backpack_version: undefined })
  await tap('В корзину: Термос')
  expect(screen.text()).toContain('Сегодня продаж ещё не было')
  replace('/cash')
  await shown('Сегодня денег ещё не получали')
})
