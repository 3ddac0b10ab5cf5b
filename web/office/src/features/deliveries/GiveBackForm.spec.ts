import { aDelivery, aLine } from '@shared/testing/deliveries'
import { mount } from '@shared/testing/mount'
import { expect, it, vi } from 'vitest'

import GiveBackForm from './GiveBackForm.vue'
import type { ActionFacts } from './useDelivery'

const lines = [aLine({ carried: '2' }), aLine({ line: '2', name: 'Плед', quantity: '1', carried: '1' })]

function sent(changes: Parameters<typeof aDelivery>[0]): ActionFacts | undefined {
  const onSend = vi.fn<(facts: ActionFacts, version: number) => void>()
  const screen = mount(GiveBackForm, { delivery: aDelivery({ lines, ...changes }), busy: false, onSend })
  screen.root.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true }))
  screen.close()
  return onSend.mock.calls[0]?.[0]
}

it('is filled with what the courier says he brings', () => {
  expect(sent({ claimed_back: [{ line: '1', quantity: '1' }] })?.lines).toEqual([{ line: '1', quantity: '1' }, { line: '2', quantity: '0' }])
})

it('is filled with all that he has while he has said nothing', () => {
  expect(sent({})?.lines).toEqual([{ line: '1', quantity: '2' }, { line: '2', quantity: '1' }])
})

it('never offers more than he has', () => {
  expect(sent({ claimed_back: [{ line: '2', quantity: '7' }] })?.lines).toEqual([{ line: '1', quantity: '0' }, { line: '2', quantity: '1' }])
})
