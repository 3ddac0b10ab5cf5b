/** The pages of the office. A new one is a line here; its name stands in words.ts, its place in ORDER. */

import type { IconName } from '@shared/ui/AppIcon.vue'
import type { Component } from 'vue'

/** The order of the header. */
export const ORDER = [
  'deliveries', 'cash', 'backpacks', 'shifts', 'incidents', 'reports', 'kpi', 'exchange', 'way', 'couriers', 'pilot', 'settings', 'people', 'audit',
] as const
export type PageKey = (typeof ORDER)[number]

export interface OfficePage {
  /** `#/cash`; a page may have addresses below it: `/cash/:rest(.*)*`. */
  path: string
  key: PageKey
  /** Who has it may open the page (posrednik/domain/rights.py). */
  right: string
  icon: IconName
  page: () => Promise<{ default: Component }>
  /** Other addresses that lead here. */
  alias?: readonly string[]
}

const ALL: readonly OfficePage[] = [
  { path: '/deliveries', alias: ['/board'], key: 'deliveries', right: 'board.see', icon: 'box', page: () => import('./features/deliveries/DeliveriesPage.vue') },
  { path: '/cash', key: 'cash', right: 'cash.see', icon: 'cash', page: () => import('./features/cash/CashPage.vue') },
  { path: '/backpacks', key: 'backpacks', right: 'backpack.see', icon: 'bag', page: () => import('./features/backpacks/BackpacksPage.vue') },
  { path: '/shifts', key: 'shifts', right: 'shift.see', icon: 'clock', page: () => import('./features/shifts/ShiftsPage.vue') },
  { path: '/incidents', key: 'incidents', right: 'incident.see', icon: 'alert', page: () => import('./features/incidents/IncidentsPage.vue') },
  { path: '/reports', key: 'reports', right: 'report.see', icon: 'chart', page: () => import('./features/reports/ReportsPage.vue') },
  { path: '/kpi', key: 'kpi', right: 'kpi.see', icon: 'gauge', page: () => import('./features/kpi/KpiPage.vue') },
  { path: '/exchange', key: 'exchange', right: 'exchange.see', icon: 'exchange', page: () => import('./features/exchange/ExchangePage.vue') },
  { path: '/way', key: 'way', right: 'way.see', icon: 'way', page: () => import('./features/way/WayPage.vue') },
  { path: '/couriers', key: 'couriers', right: 'courier.see', icon: 'user', page: () => import('./features/couriers/CouriersPage.vue') },
  { path: '/pilot', key: 'pilot', right: 'pilot.see', icon: 'flag', page: () => import('./features/pilot/PilotPage.vue') },
  { path: '/settings', key: 'settings', right: 'settings.see', icon: 'settings', page: () => import('./features/settings/SettingsPage.vue') },
  { path: '/people', key: 'people', right: 'people.see', icon: 'people', page: () => import('./features/people/PeoplePage.vue') },
  { path: '/audit', key: 'audit', right: 'audit.see', icon: 'list', page: () => import('./features/audit/AuditPage.vue') },
]

export const PAGES: readonly OfficePage[] = [...ALL].sort((a, b) => ORDER.indexOf(a.key) - ORDER.indexOf(b.key))
