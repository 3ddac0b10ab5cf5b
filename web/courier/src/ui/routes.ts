/** Where the courier is: `#/`, `#/order/ID`, `#/order/ID/hand_over`, `#/more/queue` … over web/shared/kit/route. */

import { go, parseHash, route } from '@shared/kit/route'
import { computed } from 'vue'

export const TABS = ['orders', 'backpack', 'cash', 'more'] as const
export type Tab = (typeof TABS)[number]

export const parts = computed(() => route.path.split('/').filter(Boolean).map(decodeURIComponent))
export const tabPath = (tab: Tab): string => (tab === 'orders' ? '/' : `/${tab}`)
export const orderPath = (id: string, ...more: string[]): string => `/${['order', id, ...more].map(encodeURIComponent).join('/')}`

export const salePath = (id: string): string => `/backpack/sale/${encodeURIComponent(id)}`
export const soldPath = (id: string): string => `/backpack/sold/${encodeURIComponent(id)}`
export const sellForPath = (delivery: string): string => `/backpack/for/${encodeURIComponent(delivery)}`

/** By the address, which is ahead of `route` while the browser still tells of a change. */
export const standing = (): string => parseHash(location.hash).path

interface Place {
  /** How many screens of ours lie below this one in the phone's history. */
  deep: number
}
const deep = (): number => (history.state as Place | null)?.deep ?? 0

/** Open a screen above this one. */
export function open(path: string): void {
  if (route.path === path) return
  const below = deep()
  go(path)
  history.replaceState({ deep: below + 1 } satisfies Place, '')
}

/** Leave this screen for where it was opened from, or, after a restart, for the one it belongs to. */
export function leave(to: string): void {
  if (deep() > 0) history.back()
  else replace(to)
}

/** Stand somewhere else without a way back here: after a step is recorded, or by a tab. */
export function replace(to: string): void {
  history.replaceState(history.state, '', `#${to}`)
  dispatchEvent(new PopStateEvent('popstate'))
}
