import { createHash } from 'node:crypto'
import { expect, it, vi } from 'vitest'

import { plainSha256, sha256 } from './sha256'

const bytes = (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, (_, i) => (i * 131 + length) % 256)
const right = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

it('agrees with the known one at every length around a block, and on a long text', () => {
  for (const length of [...Array(140).keys(), 1000, 100_003]) {
    expect(Buffer.from(plainSha256(bytes(length))).toString('hex')).toBe(right(bytes(length)))
  }
})

it('is the same with and without the browser’s own', async () => {
  const data = bytes(5000)
  expect(await sha256(data.buffer)).toBe(right(data))
  vi.stubGlobal('crypto', {})
  expect(await sha256(data.buffer)).toBe(right(data))
  vi.unstubAllGlobals()
})
