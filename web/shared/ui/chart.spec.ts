import { mount } from '@shared/testing/mount'
import { expect, it } from 'vitest'

import BarChart from './BarChart.vue'
import { figureText, labelStep, scaleOf, tickText, ticksOf, type Series } from './chart'
import LineChart from './LineChart.vue'

const ONE: Series[] = [{ key: 'done', title: 'Отдано', tone: 'blue' }]
const TWO: Series[] = [...ONE, { key: 'back', title: 'Возвраты', tone: 'orange' }]
const day = (label: string, done: number | null, back = 0) => ({ label, values: { done, back } })

it('marks the axis by round numbers that hold every figure', () => {
  expect(ticksOf(0, 0)).toEqual([0, 0.25, 0.5, 0.75, 1])
  expect(ticksOf(0, 9)).toEqual([0, 2.5, 5, 7.5, 10])
  expect(ticksOf(0, 1730)).toEqual([0, 500, 1000, 1500, 2000])
  expect(ticksOf(0, 130, 'seconds')).toEqual([0, 60, 120, 180])
  expect(ticksOf(0, 7000, 'seconds')).toEqual([0, 1800, 3600, 5400, 7200])
  expect(ticksOf(-40, 60)).toEqual([-50, -25, 0, 25, 50, 75])
  const scale = scaleOf([0, 10])
  expect(scale(0) > scale(10)).toBe(true)
  expect([labelStep(7, 640), labelStep(62, 640)]).toEqual([1, 6])
})

it('says a figure as people write it', () => {
  expect([figureText(245050, 'money'), figureText(0.5, 'share'), figureText(null, 'count')]).toEqual(['2\u202f450,50\u202f₽', '50\u202f%', '—'])
})

it('says a time at the axis in one unit', () => {
  expect([0, 0.5, 30, 90, 3600, 5400, 172_800].map((one) => tickText(one, 'seconds'))).toEqual(
    ['0 с', '500 мс', '30 с', '1,5 мин', '1 ч', '1,5 ч', '2 д'])
})

it('stacks bars, says each figure, and has the same figures in a table', () => {
  const screen = mount(BarChart, { title: 'Отдано по дням', series: TWO, points: [day('20', 4, 1), day('21', 0), day('22', 6, 2)] })
  expect([...screen.root.querySelectorAll('rect title')].map((one) => one.textContent)).toEqual(
    ['20, Отдано: 4', '20, Возвраты: 1', '22, Отдано: 6', '22, Возвраты: 2'])
  expect([...screen.root.querySelectorAll('tbody tr')].map((one) => [...one.children].map((cell) => cell.textContent))).toEqual(
    [['20', '4', '1'], ['21', '0', '0'], ['22', '6', '2']])
  expect(screen.root.querySelector('[style]')).toBeNull()
  screen.close()
})

it('interrupts a line where nothing was measured and draws the target across', () => {
  const screen = mount(LineChart, { title: 'Доля', series: ONE, points: [day('1', 3), day('2', 4), day('3', null), day('4', 5)], target: 8 })
  expect(screen.root.querySelectorAll('path.line')).toHaveLength(2)
  expect(screen.root.querySelectorAll('circle')).toHaveLength(3)
  expect(screen.text()).toContain('цель 8')
  screen.close()
})

it('says that there is nothing to draw', () => {
  const screen = mount(BarChart, { title: 'Отдано', series: ONE, points: [] })
  expect(screen.text()).toContain('данных нет')
  expect(screen.root.querySelector('.drawing')).toBeNull()
  screen.close()
})
