import type { Kpi } from '@shared/api/kpi'
import { mount } from '@shared/testing/mount'
import { expect, it } from 'vitest'

import KpiCard from './KpiCard.vue'

const KPI: Kpi = {
  key: 'ready_to_handed', title: '«Готов» → «Отдал»', definition: 'Медиана.', target: { text: 'не дольше 1 ч', value: 3600, direction: 'most' },
  value: 5400, unit: 'seconds', state: 'missed', state_text: 'цель не достигнута', note: '', n: 12, p50: 5400, p95: 7200, worst: 9000,
  trend: [{ day: '2026-11-20', value: 5400, n: 12 }], cases: '/api/v1/board/kpi/ready_to_handed/cases?from=2026-11-20',
  groups: { pilot: { n: 5, p50: 3000, p95: 4000 } },
}

it('says figure, target, state in words, and leads to the cases', () => {
  const screen = mount(KpiCard, { kpi: KPI, casesLink: '#/kpi?cases=ready_to_handed' })
  expect(screen.text()).toContain('1 ч 30 мин')
  expect(screen.text()).toContain('Цель: не дольше 1 ч')
  expect(screen.text()).toContain('цель не достигнута')
  expect(screen.root.querySelector('a.cases')?.getAttribute('href')).toBe('#/kpi?cases=ready_to_handed')
  expect(screen.root.querySelector('.card.missed')).not.toBeNull()
  screen.close()
})

it('calls the way by its name where it does not lead to cases', () => {
  const screen = mount(KpiCard, { kpi: { ...KPI, key: 'agree', cases: '' }, casesLink: '#/exchange', linkTitle: 'Обмены' })
  const link = screen.root.querySelector('a.cases')
  expect([link?.getAttribute('href'), link?.textContent?.trim()]).toEqual(['#/exchange', `Обмены: ${KPI.title}`])
  screen.close()
})

it('puts the pilot beside the other couriers, with a dash where there were none', () => {
  const screen = mount(KpiCard, { kpi: KPI, casesLink: null })
  const groups = [...screen.root.querySelectorAll('.groups > div')].map((one) => one.textContent)
  expect(groups).toEqual(['Пилот50 минВсего: 5', 'Остальные курьеры—Всего: 0'])
  screen.close()
})

it('shows no figure and no trend where nothing is known', () => {
  const unknown: Kpi = { ...KPI, value: null, state: 'unknown', state_text: 'нет данных для оценки', trend: [], groups: null, p50: null, p95: null, worst: null }
  const screen = mount(KpiCard, { kpi: unknown, casesLink: null })
  expect(screen.root.querySelector('.value strong')?.textContent).toBe('—')
  expect(screen.root.querySelector('figure')).toBeNull()
  expect(screen.root.querySelector('.cases')).toBeNull()
  screen.close()
})
