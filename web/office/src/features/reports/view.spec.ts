import type { Report, ReportRow } from '@shared/api/reports'
import { expect, it } from 'vitest'

import { casesOf, casesOfTotal, chartOf, tilesOf } from './view'

const aReport = (changes: Partial<Report>): Report => ({
  name: 'couriers', title: 'По курьерам и дням', rows: [], totals: {}, cases: {}, choices: { divisions: [], couriers: [] }, first: '2026-11-21', last: '2026-11-22', hidden: 0, made_at: '', took_ms: 3,
  columns: [{ key: 'done', title: 'Вручено', kind: 'count' }, { key: 'not_delivered', title: 'Не вручено', kind: 'count' }, { key: 'without_return', title: 'Без возврата', kind: 'share' }],
  ...changes,
})
const aRow = (day: string, courier: string, done: number): ReportRow => ({ day, courier, courier_ref: courier, division_ref: 'd/1', done, not_delivered: 1 })

it('draws the days in their order, all couriers together, and one day by courier', () => {
  const rows = [aRow('2026-11-22', 'Иванов', 2), aRow('2026-11-22', 'Петров', 3), aRow('2026-11-21', 'Иванов', 4)]
  expect(chartOf(aReport({ rows })).points).toEqual([
    { label: '21 нояб.', values: { done: 4, not_delivered: 1 } }, { label: '22 нояб.', values: { done: 5, not_delivered: 2 } },
  ])
  const day = chartOf(aReport({ rows: rows.slice(0, 2), first: '2026-11-22' }))
  expect(day.points.map((point) => point.label)).toEqual(['Петров', 'Иванов'])
})

it('shows the largest products, whole to the kopeck, and leaves out what came to nothing', () => {
  const rows = [{ product: 'Термос', sum: '990.50' }, { product: 'Плед', sum: '0.00' }, { product: 'Термос', sum: '9.50' }, { product: 'Очень длинное название', sum: '1.00' }]
  const { points } = chartOf(aReport({ name: 'sales', rows }))
  expect(points).toEqual([{ label: 'Термос', values: { sum: 100_000 } }, { label: 'Очень длинное…', values: { sum: 100 } }])
})

it('says whether the goal of deliveries without a return is met', () => {
  const state = (share: number | null) => tilesOf(aReport({ totals: { without_return: share } })).find((one) => one.key === 'without_return')
  expect([state(0.95)?.state, state(0.94)?.state, state(null)?.state]).toEqual(['good', 'bad', 'plain'])
  expect(state(0.94)?.note).toBe('цель не меньше 95\u202f%')
})

it('leads to the cases of a figure that is something', () => {
  const report = aReport({ cases: { done: '/api/v1/reports/couriers/cases?column=done&from={day}&division={division_ref}&courier={courier_ref}' } })
  expect(casesOf(report, 'done', aRow('2026-11-22', '', 2))).toBe('/api/v1/reports/couriers/cases?column=done&from=2026-11-22&division=d%2F1&courier=-')
  expect([casesOf(report, 'done', aRow('2026-11-22', 'i', 0)), casesOf(report, 'not_delivered', aRow('2026-11-22', 'i', 1))]).toEqual([null, null])
})

it('leads from a total to the cases of all its days, and of whom was asked for', () => {
  const report = aReport({
    totals: { done: 5, not_delivered: 0 },
    cases: {
      done: '/api/v1/reports/couriers/cases?column=done&from={day}&to={day}&division={division_ref}&courier={courier_ref}',
      not_delivered: '/api/v1/reports/couriers/cases?column=not_delivered&from={day}&to={day}',
    },
  })
  const [at, days] = ['/api/v1/reports/couriers/cases?column=done', 'from=2026-11-21&to=2026-11-22']
  expect(casesOfTotal(report, 'done', {})).toBe(`${at}&${days}&division=&courier=`)
  expect(casesOfTotal(report, 'done', { division: 'd/1', courier: '-' })).toBe(`${at}&${days}&division=d%2F1&courier=-`)
  expect([casesOfTotal(report, 'not_delivered', {}), casesOfTotal(report, 'without_return', {})]).toEqual([null, null])
})
