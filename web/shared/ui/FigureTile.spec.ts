import { mount } from '@shared/testing/mount'
import { expect, it } from 'vitest'

import FigureTile from './FigureTile.vue'

it('opens the cases behind a figure, and says in words that it is off', () => {
  const screen = mount(FigureTile, { label: 'Расхождения', value: '1,2 %', note: 'цель до 0,5 %', href: '#/reports', state: 'bad' })
  expect(screen.root.querySelector('a')?.getAttribute('href')).toBe('#/reports')
  expect(screen.text()).toContain('цель до 0,5 %')
  screen.close()
})

it('is no link where nothing stands behind it', () => {
  const screen = mount(FigureTile, { label: 'Отдано', value: '38' })
  expect(screen.root.querySelector('a')).toBeNull()
  screen.close()
})
