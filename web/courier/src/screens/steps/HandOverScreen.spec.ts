import { aDelivery, aRules, carriedLine } from '@courier/testing/day'
import { fixture } from '@courier/testing/fixture'
import { calm, choose, missing, opened, press, start, takePhoto } from '@courier/testing/screen'
import type { Screen } from '@shared/testing/mount'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import HandOverScreen from './HandOverScreen.vue'

let screen: Screen
const delivery = aDelivery({
  lines: [carriedLine({ quantity: '3', price: '333.33', sum: '1000.00' }), carriedLine({ line: '2', name: 'Сыр', unit: 'кг', by_weight: true, quantity: '1.25', sum: '800.00' })],
  goods: '1800.00', delivery_price: '300.00', amount_due: '2100.00',
})

beforeEach(() => {
  vi.useFakeTimers()
  start([delivery])
})
afterEach(() => {
  screen.close()
  vi.useRealTimers()
})

it('starts with an empty amount and says what is missing', async () => {
  screen = await opened(HandOverScreen, { delivery })
  expect(screen.field('Сумма в рублях').value).toBe('')
  expect(missing(screen)).toBe('Не хватает: сумма, способ оплаты, фото')
  await press(screen)
  expect(fixture.recorded).toEqual([])
})

it('records amount, way, lines, photo and place', async () => {
  screen = await opened(HandOverScreen, { delivery })
  await choose(screen, 'Наличные')
  await screen.click('Ровно 2\u202f100\u202f₽')
  await takePhoto(screen)
  await press(screen)
  expect(fixture.recorded).toEqual([{
    type: 'delivery.hand_over', delivery: 'd1', version: 3, photos: [expect.stringMatching(/^photo/)], geo: fixture.place,
    payload: { amount_taken: '2100.00', payment_method: 'cash', lines: [{ line: '1', accepted: '3' }, { line: '2', accepted: '1.25' }] },
  }])
})

it('counts the change as it is typed', async () => {
  screen = await opened(HandOverScreen, { delivery })
  await choose(screen, 'Наличные')
  await screen.type('Сумма в рублях', '2100')
  await screen.type('Дали', '3000')
  expect(screen.text()).toContain('Сдача')
  expect(screen.text()).toContain('900\u202f₽')
})

it('lowers the amount at once when a part is refused, and asks why another one was taken', async () => {
  screen = await opened(HandOverScreen, { delivery })
  await choose(screen, 'Карта')
  await screen.type('Сумма в рублях', '2100')
  screen.root.querySelector<HTMLButtonElement>('[aria-label^="меньше: Термос"]')!.click()
  await calm()
  expect(screen.text()).toContain('1\u202f766,67\u202f₽')
  expect(screen.text()).toContain('На 333,33\u202f₽ больше суммы к получению')
  expect(missing(screen)).toContain('причина другой суммы')
  await choose(screen, 'Ошибка в цене')
  await takePhoto(screen)
  await press(screen)
  expect(fixture.recorded[0]?.payload).toMatchObject({ amount_taken: '2100.00', difference_reason: 'Ошибка в цене', lines: [{ line: '1', accepted: '2' }, { line: '2', accepted: '1.25' }] })
})

it('asks once more about a proof that is only wanted', async () => {
  fixture.place = 'denied'
  screen = await opened(HandOverScreen, { delivery })
  await choose(screen, 'Наличные')
  await screen.type('Сумма в рублях', '2100')
  await takePhoto(screen)
  await press(screen)
  expect(fixture.recorded).toEqual([])
  expect(screen.text()).toContain('Без места?')
  await screen.click('Записать так')
  await calm()
  expect(fixture.recorded[0]?.geo).toBe('denied')
})

it('hides what the rules switch off', async () => {
  start([delivery], { rules: { v1: aRules({ proofs: { hand_over: { amount: 'required' } } }) } })
  screen = await opened(HandOverScreen, { delivery })
  expect(screen.root.querySelector('input[type=file]')).toBeNull()
  expect(screen.text()).not.toContain('Место')
  await choose(screen, 'Карта')
  await screen.type('Сумма в рублях', '2100')
  await press(screen)
  expect(fixture.recorded[0]).toMatchObject({ geo: null, photos: [] })
})

it('keeps the draft before the camera opens and brings it back after a kill', async () => {
  screen = await opened(HandOverScreen, { delivery })
  await screen.type('Сумма в рублях', '2100')
  await choose(screen, 'Перевод')
  await screen.type('Номер перевода', '4411')
  screen.root.querySelector('input[type=file]')!.dispatchEvent(new Event('click'))
  await calm()
  expect(fixture.drafts.get('d1 hand_over')).toMatchObject({ open: true, path: '/order/d1/hand_over', form: { amount: '2100', method: 'transfer', reference: '4411' } })

  screen.root.remove() // killed: nothing of the page is told
  const again = await opened(HandOverScreen, { delivery })
  expect(again.field('Сумма в рублях').value).toBe('2100')
  expect(again.field('Номер перевода').value).toBe('4411')
  again.close()
})

it('has a photo in the draft before it calls it saved', async () => {
  screen = await opened(HandOverScreen, { delivery })
  await takePhoto(screen)
  expect(screen.text()).toContain('Сохранено: 1')
  expect(fixture.drafts.get('d1 hand_over')).toMatchObject({ open: true, photos: [expect.stringMatching(/^photo/)] })
})

it('gives the step its whole draft, however fast the button is pressed', async () => {
  const { EngineError } = await import('@courier/testing/fixture')
  screen = await opened(HandOverScreen, { delivery })
  await takePhoto(screen)
  await choose(screen, 'Наличные')
  await screen.type('Сумма в рублях', '2100')
  fixture.refuse = new EngineError('storage_full')
  await press(screen)
  expect(fixture.drafts.get('d1 hand_over')).toMatchObject({ form: { amount: '2100', method: 'cash' }, photos: [expect.stringMatching(/^photo/)] })
})

it('marks the draft as left when the courier leaves by himself, and drops it when the step is recorded', async () => {
  screen = await opened(HandOverScreen, { delivery })
  await screen.type('Сумма в рублях', '2100')
  screen.close()
  expect(fixture.drafts.get('d1 hand_over')).toMatchObject({ open: false, form: { amount: '2100' } })
  screen = await opened(HandOverScreen, { delivery })
  await choose(screen, 'Наличные')
  await takePhoto(screen)
  await press(screen)
  expect(fixture.recorded).toHaveLength(1)
  screen.close()
  expect(fixture.drafts.size).toBe(0)
})

/** A promise and its end. */
function later(): { promise: Promise<void>; end: () => void } {
  let end = (): void => undefined
  const promise = new Promise<void>((done) => (end = done))
  return { promise, end: () => end() }
}

async function filled(): Promise<Screen> {
  const one = await opened(HandOverScreen, { delivery })
  await choose(one, 'Наличные')
  await one.type('Сумма в рублях', '2100')
  await takePhoto(one)
  return one
}

it('marks the draft as left, too, when only the camera was opened in it', async () => {
  screen = await opened(HandOverScreen, { delivery })
  screen.root.querySelector('input[type=file]')!.dispatchEvent(new Event('click'))
  await calm()
  screen.close()
  await calm()
  expect(fixture.drafts.get('d1 hand_over')).toMatchObject({ open: false })
})

it('marks the draft as left even if the sheet is left before the draft was read', async () => {
  fixture.drafts.set('d1 hand_over', { open: true, path: '/order/d1/hand_over', form: { amount: '2100' }, code: '', photos: [] })
  screen = await opened(HandOverScreen, { delivery })
  screen.close()
  fixture.drafts.set('d1 hand_over', { open: true, path: '/order/d1/hand_over', form: { amount: '2100' }, code: '', photos: [] })
  const { mount } = await import('@shared/testing/mount')
  mount(HandOverScreen, { delivery }).close()
  await calm()
  expect(fixture.drafts.get('d1 hand_over')).toMatchObject({ open: false, form: { amount: '2100' } })
})

it('opens with what was typed although a picture of it cannot be shown', async () => {
  fixture.blind = true
  fixture.drafts.set('d1 hand_over', { open: true, path: '/order/d1/hand_over', form: { amount: '2100' }, code: '', photos: ['f1'] })
  screen = await opened(HandOverScreen, { delivery })
  expect(screen.field('Сумма в рублях').value).toBe('2100')
  expect(screen.text()).toContain('Сохранено: 1')
})

it('waits for a picture that is taken while the place is looked for', async () => {
  const [place, picture] = [later(), later()]
  fixture.sky = place.promise
  screen = await filled()
  await press(screen)
  fixture.shutter = picture.promise
  await takePhoto(screen)
  place.end()
  await calm()
  expect(fixture.recorded).toEqual([])
  picture.end()
  await calm()
  expect(fixture.recorded[0]?.photos).toHaveLength(2)
})

it('gives a picture that was ready only when the sheet was left to its draft, and to none that is over', async () => {
  const [first, second] = [later(), later()]
  screen = await filled()
  fixture.shutter = first.promise
  screen.root.querySelector('input[type=file]')!.dispatchEvent(new Event('click'))
  await takePhoto(screen)
  screen.close()
  first.end()
  await calm()
  expect(fixture.drafts.get('d1 hand_over')).toMatchObject({ open: false, photos: [expect.any(String), expect.any(String)] })
  screen = await opened(HandOverScreen, { delivery })
  fixture.shutter = second.promise
  await takePhoto(screen)
  screen.close()
  fixture.drafts.clear()
  second.end()
  await calm()
  expect(fixture.drafts.size).toBe(0)
})

it('is recorded once when it is left and pressed again while the place is looked for', async () => {
  const place = later()
  fixture.sky = place.promise
  screen = await filled()
  await press(screen)
  screen.close()
  screen = await opened(HandOverScreen, { delivery })
  await press(screen)
  place.end()
  await calm()
  expect(fixture.recorded).toHaveLength(1)
})

it('says aloud that the phone did not keep the step, and keeps the sheet', async () => {
  const { EngineError } = await import('@courier/testing/fixture')
  screen = await opened(HandOverScreen, { delivery })
  await choose(screen, 'Наличные')
  await screen.type('Сумма в рублях', '2100')
  await takePhoto(screen)
  fixture.refuse = new EngineError('storage_full')
  await press(screen)
  expect(screen.root.querySelector('[role=alert]')?.textContent).toContain('кончилось место')
  expect(screen.field('Сумма в рублях').value).toBe('2100')
})
