/** Which screen stands at an address. The list and one order are in the first load; the rest comes when it is needed. */

import type { DraftStep, QueueItem, Sale, ShownDelivery } from '@courier/engine'
import { defineAsyncComponent, type Component } from 'vue'

import LostScreen from './LostScreen.vue'
import OrderScreen from './OrderScreen.vue'
import OrdersScreen from './OrdersScreen.vue'

const later = (load: () => Promise<{ default: Component }>): Component => defineAsyncComponent(load)

const STEPS: Record<string, Component> = {
  pick_up: later(() => import('./steps/PickUpScreen.vue')),
  depart: later(() => import('./steps/DepartScreen.vue')),
  hand_over: later(() => import('./steps/HandOverScreen.vue')),
  not_deliver: later(() => import('./steps/NotDeliverScreen.vue')),
  give_back: later(() => import('./steps/GiveBackScreen.vue')),
  customer_return: later(() => import('./steps/CustomerReturnScreen.vue')),
} satisfies Partial<Record<DraftStep, Component>>
const Correct = later(() => import('./steps/CorrectScreen.vue'))
const Shift = later(() => import('./shift/ShiftScreen.vue'))
const Accept = later(() => import('./trade/AcceptScreen.vue'))
const Selling = later(() => import('./trade/SaleScreen.vue'))
const Sold = later(() => import('./trade/SoldScreen.vue'))
const CorrectSale = later(() => import('./trade/CorrectSaleScreen.vue'))
const PLAIN: Record<string, Component> = {
  '': OrdersScreen,
  cash: later(() => import('./trade/CashScreen.vue')),
  'cash/hand_in': later(() => import('./trade/HandInScreen.vue')),
  more: later(() => import('./more/MoreScreen.vue')),
  'more/queue': later(() => import('./more/QueueScreen.vue')),
  'more/diagnostics': later(() => import('./more/DiagnosticsScreen.vue')),
}

export interface Shown {
  screen: Component
  props: Record<string, unknown>
  /** Addresses with the same key are stages of one screen; the address itself if absent. */
  key?: string
}

interface Known {
  byId: (id: string) => ShownDelivery | undefined
  items: readonly QueueItem[]
  sale: (id: string) => Sale | undefined
}
type Lost = (what: 'order' | 'step', to: string) => Record<string, unknown>

export function screenAt(parts: readonly string[], known: Known, lost: Lost): Shown {
  const [area, id, step, of] = parts
  if (area === 'shift') return { screen: Shift, props: { end: id === 'close' ? 'close' : 'open' } }
  if (area === 'backpack') return backpackAt(parts, known, lost)
  if (area !== 'order' || !id) return { screen: PLAIN[parts.join('/')] ?? OrdersScreen, props: {} }
  const delivery = known.byId(id)
  if (!delivery) return { screen: LostScreen, props: lost('order', '/') }
  if (!step) return { screen: OrderScreen, props: { delivery } }
  if (step !== 'correct') return { screen: STEPS[step] ?? OrderScreen, props: { delivery } }
  const item = known.items.find((one) => one.id === of)
  return item ? { screen: Correct, props: { delivery, item } } : { screen: LostScreen, props: lost('step', `/order/${id}`) }
}

function backpackAt([, what, id = '']: readonly string[], known: Known, lost: Lost): Shown {
  if (what === 'accept') return { screen: Accept, props: {} }
  if (what === 'sold') return { screen: Sold, props: { sale: known.sale(id) } }
  if (what !== 'sale') return { screen: Selling, props: { paying: what === 'sell', order: what === 'for' ? id : null }, key: 'backpack' }
  const sale = known.sale(id)
  return sale ? { screen: CorrectSale, props: { sale } } : { screen: LostScreen, props: lost('step', '/backpack') }
}
