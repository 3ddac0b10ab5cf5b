/** The pages of pages.ts under their addresses, each loaded when it is opened. */

import { drive } from '@shared/kit/route'
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'

import { PAGES, type OfficePage } from './pages'
import { steer } from './steer'

declare module 'vue-router' {
  interface RouteMeta { page?: OfficePage }
}

const routes: RouteRecordRaw[] = PAGES.map((page) => ({
  path: page.path, name: page.key, alias: [...(page.alias ?? [])], component: page.page, meta: { page },
}))

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [{ path: '/', redirect: '/deliveries' }, ...routes, { path: '/account', component: () => import('./features/signin/AccountPage.vue') }, { path: '/:lost(.*)*', component: () => import('./LostPage.vue') }],
})

/** The address of a page whose files could not be read: no network, or a newer version has replaced them. */
export const unread = steer(router, drive)

/** An address that came while the first page was still being loaded: the router listens only after that. */
let early = ''
const remember = (): void => void (early = location.hash.slice(1))
addEventListener('hashchange', remember)
void router.isReady().then(() => {
  removeEventListener('hashchange', remember)
  if (early.startsWith('/')) void router.replace(early)
})

/** Reads everything anew, at the page that was wanted. */
export function startAnew(): void {
  history.replaceState(history.state, '', `#${unread.value}`)
  location.reload()
}
