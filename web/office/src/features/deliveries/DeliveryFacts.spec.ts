import { aDelivery } from '@shared/testing/deliveries'
import { mount } from '@shared/testing/mount'
import { expect, it } from 'vitest'

import DeliveryFacts from './DeliveryFacts.vue'

function shown(changes: Parameters<typeof aDelivery>[0]): { text: string; link: HTMLAnchorElement | null } {
  const screen = mount(DeliveryFacts, { delivery: aDelivery(changes), reasons: [] })
  const found = { text: screen.text(), link: screen.root.querySelector<HTMLAnchorElement>('a[target=_blank]') }
  screen.close()
  return found
}

it('opens the receipt elsewhere without telling where from', () => {
  const { link } = shown({ receipt: true, receipt_url: 'https://ofd.example/1' })
  expect([link?.textContent, link?.getAttribute('href'), link?.rel]).toEqual(['Открыть чек', 'https://ofd.example/1', 'noopener noreferrer'])
})

it('says that a receipt is wanted while there is no link', () => {
  const { text, link } = shown({ receipt: true, receipt_url: null })
  expect(link).toBeNull()
  expect(text).toContain('Чекнужен')
})

it('says nothing of a receipt that nobody wants', () => {
  expect(shown({ receipt: false, receipt_url: null }).text).not.toContain('Чек')
})
