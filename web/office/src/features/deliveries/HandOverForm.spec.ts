import { mount, type Screen } from '@shared/testing/mount'
import { aDelivery } from '@shared/testing/deliveries'
import { afterEach, expect, it, vi } from 'vitest'

import HandOverForm from './HandOverForm.vue'
import type { ActionFacts } from './useDelivery'

const onSend = vi.fn<(facts: ActionFacts, version: number) => void>()
let screen: Screen

function open(changes: Parameters<typeof aDelivery>[0] = {}): Screen {
  onSend.mockClear()
  return (screen = mount(HandOverForm, { delivery: aDelivery(changes), busy: false, onSend }))
}
const submit = (): void => void screen.root.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true }))

afterEach(() => screen.close())

it('offers the sum due, cash, and everything accepted', () => {
  open()
  submit()
  expect(onSend).toHaveBeenCalledWith(
    { amount_taken: '3080.00', payment_method: 'cash', lines: [{ line: '1', quantity: '2' }, { line: '2', quantity: '1.25' }] },
    3,
  )
})

it('says aloud that another sum becomes a contradiction, and asks why', async () => {
  open()
  await screen.type('Взято', '3 000,50')
  expect(screen.text()).toContain('это станет расхождением')
  await screen.type('Почему сумма другая', 'не было сдачи')
  submit()
  expect(onSend.mock.calls[0]?.[0]).toMatchObject({ amount_taken: '3000.50', difference_reason: 'не было сдачи' })
})

it('sends nothing that is no sum or no quantity', async () => {
  open()
  await screen.type('Взято', 'сколько дали')
  submit()
  await screen.type('Взято', '3080')
  await screen.type('Термос', '3')
  submit()
  expect(screen.text()).toContain('Введите число от 0 до 2.')
  expect(onSend).not.toHaveBeenCalled()
})

it('takes a refused part by whole pieces', async () => {
  open({ lines: aDelivery().lines.slice(0, 1) })
  await screen.click('−')
  submit()
  expect(onSend.mock.calls[0]?.[0].lines).toEqual([{ line: '1', quantity: '1' }])
})

it('takes no money for a prepaid order', async () => {
  open()
  await screen.click('Предоплата')
  submit()
  expect(onSend.mock.calls[0]?.[0]).toMatchObject({ amount_taken: '0.00', payment_method: 'prepaid' })
})

it('sends the link to a receipt, and nothing that is no link', async () => {
  open()
  await screen.type('Ссылка на чек', 'чек 12')
  submit()
  await screen.type('Ссылка на чек', ' http://ofd.example/2')
  submit()
  expect(screen.text()).toContain('начинается с https://')
  expect(onSend).not.toHaveBeenCalled()
  await screen.type('Ссылка на чек', ' https://ofd.example/2 ')
  submit()
  expect(onSend.mock.calls[0]?.[0]).toMatchObject({ receipt_url: 'https://ofd.example/2' })
})
