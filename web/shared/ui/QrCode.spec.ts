import { mount } from '@shared/testing/mount'
import { expect, it } from 'vitest'

import QrCode from './QrCode.vue'

it('draws runs of dark modules within a light border of four', () => {
  const screen = mount(QrCode, { rows: [[1, 1, 0], [0, 0, 0], [0, 1, 1]], label: 'код' })
  expect(screen.root.querySelector('svg')?.getAttribute('viewBox')).toBe('0 0 11 11')
  expect(screen.root.querySelector('path')?.getAttribute('d')).toBe('M4 4h2v1h-2zM5 6h2v1h-2z')
  screen.close()
})
