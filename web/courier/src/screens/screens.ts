/** Which screen stands at an address. The list and one order are in the first load; the rest comes when it is needed. */

import type { DraftStep, QueueItem, ShownDelivery } from '@courier/engine'
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
const PLAIN: Record<string, Component> = {
  '': OrdersScreen,
  backpack: later(() => import('./BackpackScreen.vue')),
  cash: later(() => import('./CashScreen.vue')),
  more: later(() => import('./more/MoreScreen.vue')),
  'more/queue': later(() => import('./more/QueueScreen.vue')),
  'more/diagnostics': later(() => import('./more/DiagnosticsScreen.vue')),
}

export interface Shown {
  screen: Component
  props: Record<string, unknown>
}

interface Known {
  byId: (id: string) => ShownDelivery | undefined
  items: readonly QueueItem[]
}
type Lost = (what: 'order' | 'step', to: string) => Record<string, unknown>

export function screenAt(parts: readonly string[], known: Known, lost: Lost): Shown {
  const [area, id, step, of] = parts
  if (area === 'shift') return { screen: Shift, props: { end: id === 'close' ? 'close' : 'open' } }
  if (area !== 'order' || !id) return { screen: PLAIN[parts.join('/')] ?? OrdersScreen, props: {} }
  const delivery = known.byId(id)
  if (!delivery) return { screen: LostScreen, props: lost('order', '/') }
  if (!step) return { screen: OrderScreen, props: { delivery } }
  if (step !== 'correct') return { screen: STEPS[step] ?? OrderScreen, props: { delivery } }
  const item = known.items.find((one) => one.id === of)
  return item ? { screen: Correct, props: { delivery, item } } : { screen: LostScreen, props: lost('step', `/order/${id}`) }
}
