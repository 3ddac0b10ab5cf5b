/** A card on its way from column to column. The same steps are buttons of its panel: nobody has to drag. */
import type { Action, BoardCard } from '@shared/api/types'
import { computed, shallowRef, watch } from 'vue'

import { may } from '../../person'
import { rightFor, stepTo, type ColumnKey } from './columns'

/** latest: the card as the board has it now. */
export function useDrag(latest: (id: string) => BoardCard | undefined, dropped: (card: BoardCard, action: Action) => void) {
  const held = shallowRef<BoardCard | null>(null)
  const card = computed(() => (held.value ? (latest(held.value.id) ?? null) : null))
  const end = (): void => void (held.value = null)
  // A card that leaves its column while it is held takes its element with it, and no browser tells the end of that.
  watch(() => card.value?.stage, (now, before) => before && now !== before && end(), { flush: 'sync' })
  const step = (column: ColumnKey): Action | null => (card.value ? stepTo(card.value, column, (action) => may(rightFor(action))) : null)

  function drop(column: ColumnKey): void {
    const [moved, action] = [card.value, step(column)]
    end()
    if (moved && action) dropped(moved, action)
  }
  return { card, step, drop, start: (one: BoardCard) => void (held.value = one), end }
}
