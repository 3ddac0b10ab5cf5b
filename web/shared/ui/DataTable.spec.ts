import { mount } from '@shared/testing/mount'
import { nextTick } from 'vue'
import { expect, it } from 'vitest'

import DataTable from './DataTable.vue'
import { pressed, sorted, type Column } from './table'

interface Row { ref: string; name: string; done: number | null; sum: string }

const COLUMNS: Column<Row>[] = [
  { key: 'name', title: 'Курьер' },
  { key: 'done', title: 'Отдал', kind: 'count', link: (row) => `#/cases?courier=${row.ref}` },
  { key: 'sum', title: 'Выручка', kind: 'money' },
]
const ROWS: Row[] = [
  { ref: 'c1', name: 'Петров', done: 9, sum: '2450.00' },
  { ref: 'c2', name: 'Абрамов', done: null, sum: '900.00' },
  { ref: 'c3', name: 'Волков', done: 12, sum: '10000.50' },
]
const a = (more: Record<string, unknown> = {}) =>
  mount(DataTable, { caption: 'По курьерам', columns: COLUMNS, rows: ROWS, rowKey: (row: Row) => row.ref, ...more })
const names = (root: HTMLElement): (string | null)[] => [...root.querySelectorAll('tbody th')].map((one) => one.textContent)

it('sorts figures largest first, then smallest, and leaves the empty ones last', async () => {
  const screen = a()
  await screen.click('Отдал')
  expect(names(screen.root)).toEqual(['Волков', 'Петров', 'Абрамов'])
  expect(screen.root.querySelector('th[aria-sort]')?.getAttribute('aria-sort')).toBe('descending')
  await screen.click('Отдал')
  expect(names(screen.root)).toEqual(['Петров', 'Волков', 'Абрамов'])
  screen.close()
})

it('sorts sums by their size and names by the alphabet', () => {
  expect(sorted(ROWS, COLUMNS, '-sum').map((row) => row.ref)).toEqual(['c3', 'c1', 'c2'])
  expect(sorted(ROWS, COLUMNS, 'name').map((row) => row.ref)).toEqual(['c2', 'c3', 'c1'])
  expect(sorted(ROWS, COLUMNS, 'nothing')).toBe(ROWS)
  expect(pressed('', COLUMNS[0]!)).toBe('name')
})

it('opens a row by its first cell and the cases by their figure', async () => {
  const screen = a({ rowLink: (row: Row) => `#/couriers?id=${row.ref}` })
  const links = [...screen.root.querySelectorAll<HTMLAnchorElement>('tbody a')]
  expect(links.slice(0, 2).map((one) => one.getAttribute('href'))).toEqual(['#/couriers?id=c1', '#/cases?courier=c1'])
  links[0]!.focus()
  links[0]!.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }))
  await nextTick()
  expect(document.activeElement?.getAttribute('href')).toBe('#/couriers?id=c2')
  screen.close()
})

it('shows totals under their columns and many rows in parts', async () => {
  const rows = Array.from({ length: 25 }, (_, n) => ({ ref: `c${n}`, name: `К ${n}`, done: n, sum: '1.00' }))
  const screen = a({ rows, step: 10, totals: { done: 300, sum: '25.00' } })
  expect([...screen.root.querySelectorAll('tfoot > tr > *')].map((one) => one.textContent.trim())).toEqual(['Итого', '300', '25\u202f₽'])
  expect(names(screen.root)).toHaveLength(10)
  await screen.click('Показать ещё 10')
  await screen.click('Показать ещё 5')
  expect(names(screen.root)).toHaveLength(25)
  screen.close()
})
