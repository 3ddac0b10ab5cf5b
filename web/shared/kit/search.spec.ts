import { expect, it } from 'vitest'

import { hasWords } from './search'

it('finds words in any order, ё as е, and everything by nothing', () => {
  expect(hasWords('Семёнов Пётр', ' петр семен')).toBe(true)
  expect(hasWords('Семёнов Пётр', 'иван')).toBe(false)
  expect(hasWords('Семёнов Пётр', '  ')).toBe(true)
})
