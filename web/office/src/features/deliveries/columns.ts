/** The columns of the board, and where a card may be dragged. */
import type { Action, BoardCard, Stage } from '@shared/api/types'
import { kopecks } from '@shared/kit/money'

/** `trouble`: cards that stand in their own column as well, because a person must decide something about them. */
export type ColumnKey = Exclude<Stage, 'withdrawn'> | 'trouble'

const KEYS: readonly ColumnKey[] = ['ready', 'picked_up', 'en_route', 'handed_over', 'settled', 'not_delivered', 'trouble', 'returned', 'cancelled']
/** A strip while there is nothing in them. */
const RARE: readonly ColumnKey[] = ['returned', 'cancelled']

export interface Column {
  key: ColumnKey
  cards: BoardCard[]
  sumKop: number
  onHandKop: number
  narrow: boolean
}

export function columnsOf(cards: Iterable<BoardCard>): Column[] {
  const of = new Map<ColumnKey, BoardCard[]>(KEYS.map((key) => [key, []]))
  for (const card of cards) {
    if (card.stage === 'withdrawn') continue
    of.get(card.stage)?.push(card)
    if (card.incidents > 0) of.get('trouble')?.push(card)
  }
  return KEYS.map((key) => columnOf(key, of.get(key) ?? []))
}

function columnOf(key: ColumnKey, cards: BoardCard[]): Column {
  cards.sort(byUrgency)
  let [sumKop, onHandKop] = [0, 0]
  for (const card of cards) {
    sumKop += kopecks(card.amount_taken ?? card.amount_due)
    onHandKop += kopecks(card.on_hand)
  }
  return { key, cards, sumKop, onHandKop, narrow: RARE.includes(key) && !cards.length }
}

/** What is left over from earlier days, then the earliest promised window; those without one after them, by number. */
function byUrgency(a: BoardCard, b: BoardCard): number {
  if (a.left_over !== b.left_over) return a.left_over ? -1 : 1
  const [x, y] = [a.window?.from ?? '~', b.window?.from ?? '~']
  // Not by localeCompare: two thousand cards are sorted with every change.
  return x !== y ? (x < y ? -1 : 1) : a.order_number < b.order_number ? -1 : 1
}

const LEADS: Partial<Record<ColumnKey, readonly Action[]>> = {
  ready: ['retry'], picked_up: ['pick_up', 'retry'], en_route: ['depart'], handed_over: ['hand_over'], settled: ['settle'],
  not_delivered: ['not_deliver'], returned: ['give_back'], cancelled: ['cancel'],
}

/** The step that a drop into this column stands for; null: the rules allow none, or this person has no right to it. */
export function stepTo(card: BoardCard, column: ColumnKey, mayDo: (action: Action) => boolean): Action | null {
  if (card.stage === column) return null
  return LEADS[column]?.find((action) => card.allowed.includes(action) && mayDo(action)) ?? null
}

const RIGHTS: Partial<Record<Action, string>> = { assign: 'delivery.assign', cancel: 'delivery.cancel', settle: 'delivery.settle' }
export const rightFor = (action: Action): string => RIGHTS[action] ?? 'delivery.act'
