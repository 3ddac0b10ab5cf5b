/** A card on its way from column to column. The same steps are buttons of its panel: nobody has to drag. */
import type { Action, BoardCard } from '@shared/api/types'
import { shallowRef } from 'vue'

import { may } from '../../person'
import { rightFor, stepTo, type ColumnKey } from './columns'

export function useDrag(dropped: (card: BoardCard, action: Action) => void) {
  const card = shallowRef<BoardCard | null>(null)
  const step = (column: ColumnKey): Action | null => (card.value ? stepTo(card.value, column, (action) => may(rightFor(action))) : null)

  function drop(column: ColumnKey): void {
    const [moved, action] = [card.value, step(column)]
    card.value = null
    if (moved && action) dropped(moved, action)
  }
  return { card, step, drop, start: (one: BoardCard) => void (card.value = one), end: () => void (card.value = null) }
}
