import { expect, it } from 'vitest'

import { fitted } from './picture'

it('keeps the shape, never enlarges, never loses a side', () => {
  expect(fitted(4000, 3000, 1600)).toEqual([1600, 1200])
  expect(fitted(3000, 4000, 1600)).toEqual([1200, 1600])
  expect(fitted(640, 480, 1600)).toEqual([640, 480])
  expect(fitted(9000, 2, 1600)).toEqual([1600, 1])
})
