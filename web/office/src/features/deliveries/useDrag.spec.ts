import type { BoardCard } from '@shared/api/types'
import { aCard } from '@shared/testing/deliveries'
import { inScope } from '@shared/testing/scope'
import { expect, it, vi } from 'vitest'
import { shallowRef, triggerRef } from 'vue'

import { useDrag } from './useDrag'

/** A board with one card, which is being dragged. */
function dragging(one: BoardCard) {
  const cards = shallowRef(new Map([[one.id, one]]))
  const dropped = vi.fn<(card: BoardCard, action: string) => void>()
  const { value: drag, stop } = inScope(() => useDrag((id) => cards.value.get(id), dropped))
  drag.start(one)
  const comes = (card: BoardCard | null): void => {
    if (card) cards.value.set(card.id, card)
    else cards.value.clear()
    triggerRef(cards)
  }
  return { drag, dropped, comes, stop }
}

const READY = aCard({ stage: 'ready', version: 1, allowed: ['pick_up', 'cancel'] })

it('drops a card as it is now, not as it was when it was lifted', () => {
  const { drag, dropped, comes, stop } = dragging(READY)
  const newer = { ...READY, version: 2, allowed: ['cancel'] as BoardCard['allowed'] }
  comes(newer)
  expect([drag.step('picked_up'), drag.step('cancelled')]).toEqual([null, 'cancel'])
  drag.drop('cancelled')
  expect(dropped).toHaveBeenCalledWith(newer, 'cancel')
  stop()
})

it.each([['goes to another column', { ...READY, stage: 'picked_up', version: 2 } as BoardCard], ['leaves the board', null]])('is over when the card %s meanwhile', (_, now) => {
  const { drag, dropped, comes, stop } = dragging(READY)
  expect(drag.step('cancelled')).toBe('cancel')
  comes(now)
  expect([drag.card.value, drag.step('cancelled')]).toEqual([null, null])
  comes(READY)
  expect(drag.card.value).toBeNull()
  drag.drop('cancelled')
  expect(dropped).not.toHaveBeenCalled()
  stop()
})
