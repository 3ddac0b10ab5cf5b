import { expect, it } from 'vitest'

import { storageWorks } from './frame'

it('takes a storage that throws, at the asking or at the keeping, for none', () => {
  expect(storageWorks()).toBe(true)
  expect(storageWorks(() => { throw new DOMException('denied', 'SecurityError') })).toBe(false)
  expect(storageWorks(() => ({ setItem() { throw new DOMException('full', 'QuotaExceededError') } }) as unknown as Storage)).toBe(false)
})
